// Cleans orders: the customer's name is trimmed, the amount becomes a decimal, every order earns
// ten points, and what was cancelled is dropped.
package main

import (
	"regexp"
	"strings"

	"orders/millstream"
)

// Order is what crosses; the int64 comes as a text, so that no digit is lost.
type Order struct {
	Customer *string `json:"customer"`
	Amount   *string `json:"amount"`
	Points   *int64  `json:"points,string"`
	Status   *string `json:"status"`
}

// Clean is what the module gives.
type Clean struct {
	Customer *string `json:"customer" type:"utf8"`
	Amount   *string `json:"amount" type:"decimal(12,2)"`
	Points   *int64  `json:"points,string" type:"int64"`
}

var amountForm = regexp.MustCompile(`^-?[0-9]{1,10}(\.[0-9]{1,2})?$`)

func clean(order Order) ([]Clean, error) {
	if order.Status != nil && *order.Status == "cancelled" {
		return nil, nil
	}
	amount := trimmed(order.Amount)
	if amount != nil && !amountForm.MatchString(*amount) {
		return nil, millstream.Reject("bad_amount", "the amount is no number with two digits after the point", "amount")
	}
	if order.Points != nil {
		*order.Points += 10
	}
	return []Clean{{Customer: trimmed(order.Customer), Amount: amount, Points: order.Points}}, nil
}

func trimmed(text *string) *string {
	if text == nil {
		return nil
	}
	short := strings.TrimSpace(*text)
	return &short
}

func init() { millstream.Rows(clean) }

func main() {}
