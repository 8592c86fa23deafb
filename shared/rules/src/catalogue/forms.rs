//! Operators and forms that are no calls.

use super::Form;

pub(super) const FORMS: &[Form] = &[
    Form {
        written: "`=` `<>` `!=` `<` `<=` `>` `>=`",
        about: "compare; NULL when a side is NULL; text by its bytes",
        example: "amount >= 10.50",
    },
    Form {
        written: "`AND` `OR` `NOT`",
        about: "three-valued; what follows a FALSE in AND, a TRUE in OR, is not computed",
        example: "active AND NOT count > 3",
    },
    Form {
        written: "`+` `-` `*` `/` `%` `^`",
        about: "checked: beyond the range, or by zero, rejects the row; dates, timestamps and intervals add and subtract",
        example: "day + 7",
    },
    Form {
        written: "`||`",
        about: "joins texts, or bytes; other values are shown as text",
        example: "name || ' ' || id",
    },
    Form {
        written: "`IS [NOT] NULL`, `IS [NOT] TRUE`, `IS [NOT] FALSE`, `IS [NOT] UNKNOWN`",
        about: "never NULL themselves",
        example: "active IS NOT TRUE",
    },
    Form {
        written: "`IS [NOT] DISTINCT FROM`",
        about: "compares so that NULL equals NULL",
        example: "name IS DISTINCT FROM note",
    },
    Form { written: "`[NOT] IN (…)`", about: "whether it is one of the values", example: "count IN (1, 2, 3)" },
    Form {
        written: "`[NOT] BETWEEN [SYMMETRIC] … AND …`",
        about: "within both ends; SYMMETRIC in either order",
        example: "amount BETWEEN SYMMETRIC 10 AND 1",
    },
    Form {
        written: "`[NOT] LIKE`, `[NOT] ILIKE`, `~~`, `~~*` [`ESCAPE`]",
        about: "a constant pattern: `%` any letters, `_` one letter, `\\` before a letter that stands for itself",
        example: "name ILIKE 'a%'",
    },
    Form {
        written: "`~` `~*` `!~` `!~*`",
        about: "whether a constant regular expression matches anywhere; `*` ignores case",
        example: "email ~* '@example[.]com$'",
    },
    Form {
        written: "`CASE WHEN … THEN … ELSE … END`, `CASE x WHEN …`",
        about: "the value of the first branch that fits; others are not computed",
        example: "CASE count WHEN 1 THEN 'one' ELSE 'many' END",
    },
    Form {
        written: "`CAST(… AS type)`, `…::type`",
        about: "another type; a value that cannot be converted rejects the row",
        example: "note::decimal(12,2)",
    },
    Form {
        written: "`TRY_CAST(… AS type)`",
        about: "another type; a value that cannot be converted becomes NULL",
        example: "try_cast(note AS date)",
    },
    Form {
        written: "`… AT TIME ZONE 'zone'`",
        about: "a timestamp of that zone as timestamptz, or a timestamptz as that zone's timestamp",
        example: "at AT TIME ZONE 'Europe/Berlin'",
    },
    Form {
        written: "`DATE '…'`, `TIME '…'`, `TIMESTAMP '…'`, `TIMESTAMPTZ '…'`, `INTERVAL '…'`",
        about: "constants",
        example: "at > now() - INTERVAL '1 day 02:00'",
    },
    Form {
        written: "`->` `->>`",
        about: "a field of a JSON object or an element of an array, as json or as text; NULL when it is not there",
        example: "doc -> 'items' ->> 0",
    },
];
