//! The reader: what is between parentheses becomes a list.

use std::rc::Rc;

use tricycle::Trace;
use winnow::ascii::multispace1;
use winnow::combinator::{alt, delimited, fail, preceded, repeat};
use winnow::token::{take_till, take_while};
use winnow::{Parser, Result as Parsed};

/// Code holds no values, so it need not be on the heap.
#[derive(Trace)]
#[trace(acyclic)]
pub enum Expr {
    Int(i64),
    Str(Rc<str>),
    Name(Rc<str>),
    List(Rc<[Expr]>),
}

/// How deep parentheses may nest: the parser, and the evaluator, call themselves for what is inside.
const MAX_DEPTH: usize = 50;

/// A program: one expression after the other.
pub fn parse(source: &str) -> Result<Vec<Expr>, String> {
    let mut program = preceded(space, repeat(0.., |input: &mut &str| expr(input, 0)));
    program.parse(source).map_err(|error| error.to_string())
}

/// White space and comments.
fn space(input: &mut &str) -> Parsed<()> {
    repeat(0.., alt((multispace1.void(), (';', take_till(0.., '\n')).void()))).parse_next(input)
}

fn expr(input: &mut &str, depth: usize) -> Parsed<Expr> {
    if depth > MAX_DEPTH {
        return fail.parse_next(input);
    }
    let name = |c: char| !c.is_whitespace() && !"();\"".contains(c);
    let list = repeat(0.., |input: &mut &str| expr(input, depth + 1));
    let expr = alt((
        delimited(('(', space), list, ')').map(|list: Vec<_>| Expr::List(list.into())),
        delimited('"', take_till(0.., '"'), '"').map(|text: &str| Expr::Str(text.into())),
        take_while(1.., name).map(|word: &str| word.parse().map_or_else(|_| Expr::Name(word.into()), Expr::Int)),
    ));
    (expr, space).map(|(expr, ())| expr).parse_next(input)
}
