//! Parts and positions: what is read, in which order, between which rows. Kept as JSON.

use flow::Position;
use serde::{Deserialize, Serialize};
use source::{Error, Part};

use crate::catalog::TableName;
use crate::kind::Kind;

/// All there is to know to read one part again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extract {
    pub(crate) from: From,
    pub(crate) columns: Vec<ReadColumn>,
    pub(crate) order: Order,
    pub(crate) range: Range,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    Table(TableName),
    Query(String),
}

/// A column as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadColumn {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// The order rows come in, and so what a position is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// By these columns, which tell rows apart; a position is their values.
    Key(Vec<String>),
    /// By their place in the table's heap; a position is a place.
    Heap,
    /// As they come; a position is a count.
    Given,
}

/// Which rows are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Range {
    All,
    /// There was nothing to read when the part was planned.
    Nothing,
    /// Beyond one key and up to another.
    Between {
        after: Option<Vec<String>>,
        until: Vec<String>,
    },
}

/// Where a reading stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Place {
    /// Behind this key: names and values, so that another key's position is known for what it is.
    Key(Vec<(String, String)>),
    /// Behind this row of the heap: its block and number.
    Heap(u32, u16),
    /// Behind so many rows.
    Rows(u64),
}

impl Extract {
    /// As a part.
    pub(crate) fn to_part(&self) -> Result<Part, Error> {
        serde_json::to_string(self).map(Part).map_err(|error| Error::Build(Box::new(error)))
    }

    /// What a part stands for.
    pub(crate) fn of_part(part: &Part) -> Result<Self, Error> {
        serde_json::from_str(&part.0).map_err(|_| Error::BadPosition { text: part.0.clone() })
    }

    /// The columns of the key with where they stand among all columns; empty without one.
    pub(crate) fn key_columns(&self) -> Vec<(usize, &ReadColumn)> {
        let Order::Key(names) = &self.order else { return Vec::new() };
        let find = |name: &String| self.columns.iter().enumerate().find(|(_, column)| column.name == *name);
        names.iter().filter_map(find).collect()
    }
}

impl Place {
    /// As a position.
    pub(crate) fn to_position(&self) -> Result<Position, Error> {
        serde_json::to_string(self).map(Position::from_text).map_err(|error| Error::Build(Box::new(error)))
    }

    /// What a position stands for, if it fits the order.
    pub(crate) fn of_position(position: &Position, order: &Order) -> Result<Self, Error> {
        let place: Option<Place> = serde_json::from_str(position.as_str()).ok();
        place
            .filter(|place| match (place, order) {
                (Place::Key(values), Order::Key(names)) => {
                    values.iter().map(|(name, _)| name).eq(names) && !names.is_empty()
                }
                (Place::Heap(..), Order::Heap) | (Place::Rows(_), Order::Given) => true,
                _ => false,
            })
            .ok_or_else(|| Error::BadPosition { text: position.as_str().to_owned() })
    }

    /// The values of a key.
    pub(crate) fn into_values(self) -> Vec<String> {
        match self {
            Place::Key(values) => values.into_iter().map(|(_, value)| value).collect(),
            Place::Heap(..) | Place::Rows(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_text_and_fits_one_order_only() {
        let key = Order::Key(vec!["id".into()]);
        let orders = [key.clone(), Order::Heap, Order::Given];
        let places = [Place::Key(vec![("id".into(), "7".into())]), Place::Heap(3, 9), Place::Rows(12)];
        for (place, fitting) in places.iter().zip(&orders) {
            let position = place.to_position().unwrap();
            for order in &orders {
                let outcome = Place::of_position(&position, order);
                assert_eq!(outcome.is_ok(), order == fitting, "{position} for {order:?}");
            }
        }
        let other = Place::Key(vec![("at".into(), "7".into())]).to_position().unwrap();
        assert!(Place::of_position(&other, &key).is_err());
    }
}
