// Package millstream is what a module in Go needs: a function for a row becomes what the host
// calls.
package millstream

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Field is a column: its name, its type in the contract's words, whether it may hold NULL.
type Field struct {
	Name     string
	Type     string
	Nullable bool
}

// Context is where the module works. RunClock is when the run was due, in microseconds since
// 1970-01-01T00:00:00Z: the only clock there is.
type Context struct {
	Sync     string
	Stream   string
	RunClock int64
}

// Level of a log line.
type Level uint32

// The levels of a log line.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

type rejection struct {
	code, message, column string
}

func (reject *rejection) Error() string { return reject.message }

// Reject is why a row is refused: give it back as the row's error, and the row goes to quarantine
// with it. The code is stable: 1 to 64 of a-z, 0-9 and _. The column may be empty.
func Reject(code, message, column string) error {
	return &rejection{code, message, column}
}

// Open, when set, is called once with the module's config (JSON) and the input; an error refuses
// them. Without it a config is refused.
var Open func(config string, context Context, fields []Field) error

// Drop names input columns that do not come out.
var Drop []string

// Rows makes a module of one function; call it in init. The struct In has a field for each column
// that is read, named by its json tag; no other column crosses. The struct Out has a field for each
// column that is written, with its type in the tag `type`: a name of the input is replaced in its
// place, a new one comes after all others. All other input columns are passed on untouched.
//
// NULL is a nil pointer. int64, uint64 and decimal(P,S) are texts in JSON, so that no digit is lost:
// give the json tag of an integer `,string`. The function gives no rows to drop one, and an error of
// Reject to refuse it; any other error concerns the whole batch.
func Rows[In, Out any](row func(In) ([]Out, error)) {
	reads, writes := columns[In](), columns[Out]()
	open = func(config string, context Context, fields []Field) (plan, error) {
		if Open != nil {
			if err := Open(config, context, fields); err != nil {
				return plan{}, err
			}
		} else if given := strings.TrimSpace(config); given != "" && given != "{}" && given != "null" {
			return plan{}, fmt.Errorf("this module takes no config")
		}
		return planned(fields, reads, writes)
	}
	apply = func(records []byte) (output, error) {
		var rows []In
		if err := json.Unmarshal(records, &rows); err != nil {
			return output{}, err
		}
		given := output{}
		kept := make([]Out, 0, len(rows))
		for number, in := range rows {
			outs, err := row(in)
			if reject, ok := err.(*rejection); ok {
				given.rejects = append(given.rejects, rejected{uint32(number), reject})
				continue
			} else if err != nil {
				return output{}, err
			}
			for _, out := range outs {
				kept = append(kept, out)
				given.sourceRows = append(given.sourceRows, uint32(number))
			}
		}
		var err error
		given.records, err = json.Marshal(kept)
		return given, err
	}
}

type plan struct {
	fields []outField
	needs  []uint32
}

// outField is computed, or passed from an input column.
type outField struct {
	Field
	passed bool
	column uint32
}

type output struct {
	records    []byte
	sourceRows []uint32
	rejects    []rejected
}

type rejected struct {
	row uint32
	*rejection
}

var (
	open  func(config string, context Context, fields []Field) (plan, error)
	apply func(records []byte) (output, error)
)

// columns are the names and types in a struct's tags.
func columns[T any]() []Field {
	kind := reflect.TypeFor[T]()
	found := make([]Field, 0, kind.NumField())
	for place := range kind.NumField() {
		tag := kind.Field(place).Tag
		name, _, _ := strings.Cut(tag.Get("json"), ",")
		found = append(found, Field{Name: name, Type: tag.Get("type"), Nullable: true})
	}
	return found
}

func planned(fields, reads, writes []Field) (plan, error) {
	place := func(in []Field, name string) int {
		for place, field := range in {
			if field.Name == name {
				return place
			}
		}
		return -1
	}
	made := plan{}
	for _, read := range reads {
		found := place(fields, read.Name)
		if found < 0 {
			return plan{}, fmt.Errorf("there is no column `%s`", read.Name)
		}
		made.needs = append(made.needs, uint32(found))
	}
	dropped := map[string]bool{}
	for _, name := range Drop {
		if place(fields, name) < 0 {
			return plan{}, fmt.Errorf("there is no column `%s`", name)
		}
		dropped[name] = true
	}
	for column, field := range fields {
		if written := place(writes, field.Name); written >= 0 {
			made.fields = append(made.fields, outField{Field: Field{field.Name, writes[written].Type, field.Nullable}})
		} else if !dropped[field.Name] {
			made.fields = append(made.fields, outField{Field: field, passed: true, column: uint32(column)})
		}
	}
	for _, field := range writes {
		if place(fields, field.Name) < 0 {
			made.fields = append(made.fields, outField{Field: field})
		}
	}
	return made, nil
}
