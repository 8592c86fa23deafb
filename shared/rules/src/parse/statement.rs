//! The one statement a rule is: `SELECT items FROM input [AS alias] [WHERE condition]`.

use sqlparser::ast::{
    DataType, Distinct, ExceptSelectItem, ExcludeSelectItem, Expr, GroupByExpr, Ident, ObjectName, Query,
    Select as SqlSelect, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor,
    TableWithJoins, WildcardAdditionalOptions,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::dialect::RuleDialect;
use super::tokens::{self, Tokens};
use crate::error::{Code, Mistake};
use crate::plan::Span;

/// What the parser may nest; deeper than any text within [`Tokens`]' limits needs.
const RECURSION: usize = 1_000;
const SHAPE: &str = "a rule is `SELECT … FROM input [AS alias] [WHERE …]`";

/// A rule's statement.
pub(crate) struct Select {
    /// The name columns can be qualified with: the alias, else `input`.
    pub(crate) alias: Ident,
    /// What it selects.
    pub(crate) items: Vec<Item>,
    /// Its condition.
    pub(crate) condition: Option<Expr>,
    /// Its tokens, for places.
    pub(crate) tokens: Tokens,
}

/// An item of a rule's list.
pub(crate) enum Item {
    /// An expression, named or not.
    Expr {
        /// The expression.
        expr: Box<Expr>,
        /// Its name after AS.
        name: Option<Ident>,
    },
    /// `*` or `alias.*`.
    All {
        /// Where it stands.
        span: Span,
        /// The alias before it.
        qualifier: Option<Ident>,
        /// Columns that are left out.
        except: Vec<Ident>,
        /// Columns that are replaced.
        replace: Vec<(Expr, Ident)>,
    },
}

/// Parses a rule.
pub(crate) fn select(text: &str) -> Result<Select, Mistake> {
    let dialect = RuleDialect(PostgreSqlDialect {});
    let tokens = Tokens::of(text, &dialect)?;
    let mut parser = parser(&dialect, &tokens);
    let statements = parser.parse_statements().map_err(|error| syntax(error, &tokens))?;
    let span = Span { line: 1, column: 1 };
    let mut statements = statements.into_iter();
    let Some(statement) = statements.next() else {
        return Err(Mistake::new(Code::Syntax, span, format!("the rule is empty: {SHAPE}")));
    };
    if statements.next().is_some() {
        return Err(unsupported(second_statement(&tokens), "several statements are"));
    }
    let Statement::Query(query) = statement else {
        return Err(unsupported(first_token(&tokens), "a statement other than SELECT is"));
    };
    read_query(*query, tokens)
}

/// Parses an expression that stands alone.
pub(crate) fn expression(text: &str) -> Result<(Expr, Tokens), Mistake> {
    let dialect = RuleDialect(PostgreSqlDialect {});
    let tokens = Tokens::of(text, &dialect)?;
    let mut parser = parser(&dialect, &tokens);
    let expr = parser.parse_expr().map_err(|error| syntax(error, &tokens))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let message = format!("expected the end of the expression, found `{}`", shorten(&next.token.to_string()));
        return Err(Mistake::new(Code::Syntax, tokens::span(next.span.start), message));
    }
    Ok((expr, tokens))
}

/// Parses a type that stands alone.
pub(crate) fn data_type(text: &str) -> Result<DataType, Mistake> {
    let dialect = RuleDialect(PostgreSqlDialect {});
    let tokens = Tokens::of(text, &dialect)?;
    let mut parser = parser(&dialect, &tokens);
    let data_type = parser.parse_data_type().map_err(|error| syntax(error, &tokens))?;
    if parser.peek_token().token != Token::EOF {
        let message = format!("expected a type, found `{}`", shorten(text));
        return Err(Mistake::new(Code::UnknownType, tokens.end(), message));
    }
    Ok(data_type)
}

fn parser<'a>(dialect: &'a RuleDialect, tokens: &Tokens) -> Parser<'a> {
    Parser::new(dialect).with_recursion_limit(RECURSION).with_tokens_with_locations(tokens.for_parser())
}

fn read_query(query: Query, tokens: Tokens) -> Result<Select, Mistake> {
    refuse_query_parts(&query, &tokens)?;
    let select = match *query.body {
        SetExpr::Select(select) => *select,
        SetExpr::SetOperation { op, .. } => {
            let word = op.to_string();
            return Err(unsupported(place(&tokens, &word), &format!("{word} is")));
        }
        SetExpr::Values(_) => return Err(unsupported(place(&tokens, "values"), "VALUES is")),
        _ => return Err(unsupported(first_token(&tokens), "a nested query is")),
    };
    refuse_select_parts(&select, &tokens)?;
    let SqlSelect { projection, from, selection, .. } = select;
    let alias = read_from(from, &tokens)?;
    let items = projection.into_iter().map(|item| read_item(item, &tokens)).collect::<Result<_, _>>()?;
    Ok(Select { alias, items, condition: selection, tokens })
}

fn refuse_query_parts(query: &Query, tokens: &Tokens) -> Result<(), Mistake> {
    let parts = [
        (query.with.is_some(), "with", "WITH is"),
        (query.order_by.is_some(), "order", "ORDER BY is"),
        (query.limit_clause.is_some(), "limit", "LIMIT or OFFSET is"),
        (query.fetch.is_some(), "fetch", "FETCH is"),
        (!query.locks.is_empty(), "for", "FOR is"),
        (query.for_clause.is_some(), "for", "FOR is"),
        (query.settings.is_some(), "settings", "SETTINGS is"),
        (query.format_clause.is_some(), "format", "FORMAT is"),
        (!query.pipe_operators.is_empty(), "|>", "a pipe is"),
    ];
    refuse(&parts, tokens)
}

fn refuse_select_parts(select: &SqlSelect, tokens: &Tokens) -> Result<(), Mistake> {
    let grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(list, modifiers) => !list.is_empty() || !modifiers.is_empty(),
    };
    let distinct = matches!(select.distinct, Some(Distinct::Distinct | Distinct::On(_)));
    let parts = [
        (distinct, "distinct", "DISTINCT is"),
        (grouped, "group", "GROUP BY is"),
        (select.having.is_some(), "having", "HAVING is"),
        (!select.named_window.is_empty(), "window", "WINDOW is"),
        (select.qualify.is_some(), "qualify", "QUALIFY is"),
        (select.into.is_some(), "into", "INTO is"),
        (select.top.is_some(), "top", "TOP is"),
        (!select.lateral_views.is_empty(), "lateral", "LATERAL is"),
        (select.prewhere.is_some(), "prewhere", "PREWHERE is"),
        (!select.connect_by.is_empty(), "connect", "CONNECT BY is"),
        (!select.cluster_by.is_empty(), "cluster", "CLUSTER BY is"),
        (!select.distribute_by.is_empty(), "distribute", "DISTRIBUTE BY is"),
        (!select.sort_by.is_empty(), "sort", "SORT BY is"),
        (select.exclude.is_some(), "exclude", "EXCLUDE without `*` is"),
        (select.value_table_mode.is_some(), "as", "SELECT AS is"),
        (select.select_modifiers.is_some(), "select", "a modifier of SELECT is"),
        (select.flavor != SelectFlavor::Standard, "from", "FROM before SELECT is"),
    ];
    refuse(&parts, tokens)
}

fn refuse(parts: &[(bool, &str, &str)], tokens: &Tokens) -> Result<(), Mistake> {
    match parts.iter().find(|(there, ..)| *there) {
        Some((_, word, what)) => Err(unsupported(place(tokens, word), what)),
        None => Ok(()),
    }
}

fn read_from(from: Vec<TableWithJoins>, tokens: &Tokens) -> Result<Ident, Mistake> {
    let mut from = from.into_iter();
    let Some(table) = from.next() else {
        return Err(Mistake::new(Code::Syntax, tokens.end(), format!("expected `FROM input`: {SHAPE}")));
    };
    let span = place(tokens, "from");
    if from.next().is_some() {
        return Err(unsupported(span, "reading from several tables is"));
    }
    if !table.joins.is_empty() {
        return Err(unsupported(place(tokens, "join"), "JOIN is"));
    }
    match table.relation {
        TableFactor::Table {
            name,
            alias,
            args: None,
            version: None,
            with_ordinality: false,
            json_path: None,
            sample: None,
            with_hints,
            partitions,
            index_hints,
        } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
            let table = read_table(&name, span)?;
            match alias {
                None => Ok(table),
                Some(alias) if alias.columns.is_empty() && alias.at.is_none() => Ok(alias.name),
                Some(alias) => {
                    let span = tokens::span(alias.name.span.start);
                    Err(unsupported(span, "an alias with names for columns is"))
                }
            }
        }
        TableFactor::Derived { .. } => Err(unsupported(span, "a subquery is")),
        _ => Err(unsupported(span, "reading from anything but `input` is")),
    }
}

fn read_table(name: &ObjectName, from: Span) -> Result<Ident, Mistake> {
    let ident = single(name);
    let span = ident.map_or(from, |ident| tokens::span(ident.span.start));
    match ident {
        Some(ident) if ident.value.eq_ignore_ascii_case("input") => Ok(ident.clone()),
        _ => {
            let message = format!(
                "expected `FROM input`, found `FROM {}`: a rule reads one table, its input",
                shorten(&name.to_string())
            );
            Err(Mistake::new(Code::Unsupported, span, message))
        }
    }
}

fn read_item(item: SelectItem, tokens: &Tokens) -> Result<Item, Mistake> {
    match item {
        SelectItem::UnnamedExpr(expr) => Ok(Item::Expr { expr: Box::new(expr), name: None }),
        SelectItem::ExprWithAlias { expr, alias } => Ok(Item::Expr { expr: Box::new(expr), name: Some(alias) }),
        SelectItem::Wildcard(options) => read_all(None, options, tokens),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
            match single(&name) {
                Some(qualifier) => read_all(Some(qualifier.clone()), options, tokens),
                None => Err(unsupported(wildcard(&options), "a name of several parts before `.*` is")),
            }
        }
        SelectItem::QualifiedWildcard(_, options) => {
            Err(unsupported(wildcard(&options), "an expression before `.*` is"))
        }
        SelectItem::ExprWithAliases { aliases, .. } => {
            let span = aliases.first().map_or(tokens.end(), |alias| tokens::span(alias.span.start));
            Err(unsupported(span, "several names for one item are"))
        }
    }
}

fn read_all(qualifier: Option<Ident>, options: WildcardAdditionalOptions, tokens: &Tokens) -> Result<Item, Mistake> {
    let span = wildcard(&options);
    if let Some(alias) = &options.opt_alias {
        return Err(unsupported(tokens::span(alias.span.start), "a name for `*` is"));
    }
    if options.opt_ilike.is_some() || options.opt_rename.is_some() {
        return Err(unsupported(span, "ILIKE or RENAME after `*` is"));
    }
    let mut except = Vec::new();
    match options.opt_exclude {
        None => {}
        Some(ExcludeSelectItem::Single(name)) => except.push(excluded(&name, tokens)?),
        Some(ExcludeSelectItem::Multiple(names)) => {
            for name in &names {
                except.push(excluded(name, tokens)?);
            }
        }
    }
    if let Some(ExceptSelectItem { first_element, additional_elements }) = options.opt_except {
        except.push(first_element);
        except.extend(additional_elements);
    }
    let items = options.opt_replace.map(|replace| replace.items).unwrap_or_default();
    let replace = items.into_iter().map(|item| (item.expr, item.column_name)).collect();
    Ok(Item::All { span, qualifier, except, replace })
}

fn excluded(name: &ObjectName, tokens: &Tokens) -> Result<Ident, Mistake> {
    single(name)
        .cloned()
        .ok_or_else(|| unsupported(place(tokens, "exclude"), "a name of several parts after EXCLUDE is"))
}

fn wildcard(options: &WildcardAdditionalOptions) -> Span {
    tokens::span(options.wildcard_token.0.span.start)
}

/// The only part of a name.
fn single(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [part] => part.as_ident(),
        _ => None,
    }
}

fn place(tokens: &Tokens, word: &str) -> Span {
    tokens.keyword(word).unwrap_or(Span { line: 1, column: 1 })
}

fn first_token(tokens: &Tokens) -> Span {
    tokens.first().unwrap_or(Span { line: 1, column: 1 })
}

fn second_statement(tokens: &Tokens) -> Span {
    tokens.after_semicolon().unwrap_or(Span { line: 1, column: 1 })
}

fn unsupported(span: Span, what: &str) -> Mistake {
    Mistake::new(Code::Unsupported, span, format!("{what} not part of a rule: {SHAPE}"))
}

fn syntax(error: ParserError, tokens: &Tokens) -> Mistake {
    match error {
        ParserError::RecursionLimitExceeded => tokens::too_large(tokens.deepest(), "the rule is nested too deep"),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => located(&message, tokens),
    }
}

/// The parser writes the place into its message.
fn located(message: &str, tokens: &Tokens) -> Mistake {
    let (what, place) = match message.rsplit_once(" at Line: ") {
        Some((what, place)) => (what, read_place(place)),
        None => (message, None),
    };
    let span = place.filter(|span| span.line > 0).unwrap_or_else(|| tokens.end());
    Mistake::new(Code::Syntax, span, tokens::tidy(&shorten(what)))
}

fn read_place(place: &str) -> Option<Span> {
    let (line, column) = place.split_once(", Column: ")?;
    Some(Span { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
}

/// A message repeats what was found, which can be of any length.
fn shorten(text: &str) -> String {
    const LETTERS: usize = 200;
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
