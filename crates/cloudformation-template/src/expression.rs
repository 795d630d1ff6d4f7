//! Values of a template: literals and functions.

use serde_json::Number;

use crate::error::Position;

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    pub(crate) position: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Expression>),
    Map(Vec<(String, Expression)>),
    /// `Ref`: a parameter, a pseudo parameter or a resource.
    Ref(String),
    GetAtt {
        logical_id: String,
        name: Box<Expression>,
    },
    Sub {
        parts: Vec<Part>,
        values: Vec<(String, Expression)>,
    },
    Join {
        delimiter: String,
        values: Box<Expression>,
    },
    Select {
        index: Box<Expression>,
        values: Box<Expression>,
    },
    Split {
        delimiter: String,
        text: Box<Expression>,
    },
    If {
        condition: String,
        yes: Box<Expression>,
        no: Box<Expression>,
    },
    FindInMap {
        map: Box<Expression>,
        key: Box<Expression>,
        attribute: Box<Expression>,
        default: Option<Box<Expression>>,
    },
    Base64(Box<Expression>),
    Cidr(Vec<Expression>),
    GetAzs(Box<Expression>),
    ImportValue(Box<Expression>),
    Length(Box<Expression>),
    ToJsonString(Box<Expression>),
    /// A condition by its name.
    Condition(String),
    Equals(Box<Expression>, Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    /// `Fn::Contains`: a list and what it has to have.
    Contains(Box<Expression>, Box<Expression>),
    EachMemberEquals(Box<Expression>, Box<Expression>),
    EachMemberIn(Box<Expression>, Box<Expression>),
}

/// A part of the text of `Fn::Sub`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    /// `${Name}`: a value of the function's own map, a parameter or a resource.
    Name(String),
    /// `${Resource.Attribute}`.
    Attribute {
        logical_id: String,
        name: String,
    },
}

impl Expression {
    /// The expressions in this one.
    pub(crate) fn children(&self) -> Vec<&Expression> {
        match &self.kind {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Ref(_)
            | Kind::Condition(_) => Vec::new(),
            Kind::List(items) | Kind::Cidr(items) | Kind::And(items) | Kind::Or(items) => {
                items.iter().collect()
            }
            Kind::Map(entries)
            | Kind::Sub {
                values: entries, ..
            } => entries.iter().map(|(_, value)| value).collect(),
            Kind::GetAtt { name: inner, .. }
            | Kind::Join { values: inner, .. }
            | Kind::Split { text: inner, .. }
            | Kind::Base64(inner)
            | Kind::GetAzs(inner)
            | Kind::ImportValue(inner)
            | Kind::Length(inner)
            | Kind::ToJsonString(inner)
            | Kind::Not(inner) => vec![inner],
            Kind::Select {
                index: first,
                values: second,
            }
            | Kind::If {
                yes: first,
                no: second,
                ..
            }
            | Kind::Equals(first, second)
            | Kind::Contains(first, second)
            | Kind::EachMemberEquals(first, second)
            | Kind::EachMemberIn(first, second) => vec![first, second],
            Kind::FindInMap {
                map,
                key,
                attribute,
                default,
            } => [Some(map), Some(key), Some(attribute), default.as_ref()]
                .into_iter()
                .flatten()
                .map(AsRef::as_ref)
                .collect(),
        }
    }

    /// Calls `see` for this expression and all in it; an `Fn::If` is entered as `branches` says.
    pub(crate) fn walk<'a>(
        &'a self,
        branches: &impl Fn(&str) -> Branches,
        see: &mut impl FnMut(&'a Expression),
    ) {
        see(self);
        if let Kind::If { condition, yes, no } = &self.kind {
            match branches(condition) {
                Branches::Both => {
                    yes.walk(branches, see);
                    no.walk(branches, see);
                }
                Branches::Neither => {}
                Branches::Taken(true) => yes.walk(branches, see),
                Branches::Taken(false) => no.walk(branches, see),
            }
            return;
        }
        for child in self.children() {
            child.walk(branches, see);
        }
    }

    /// What this expression itself, without those in it, refers to: parameters and resources.
    pub(crate) fn own_references(&self) -> Vec<Mention<'_>> {
        match &self.kind {
            Kind::Ref(name) => vec![Mention::Name(name)],
            Kind::GetAtt { logical_id, name } => vec![Mention::Attribute {
                logical_id,
                name: match &name.kind {
                    Kind::Text(name) => Some(name),
                    _ => None,
                },
            }],
            Kind::Sub { parts, values } => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(_) => None,
                    Part::Name(name) if values.iter().any(|(key, _)| key == name) => None,
                    Part::Name(name) => Some(Mention::Name(name)),
                    Part::Attribute { logical_id, name } => {
                        Some(Mention::SubAttribute { logical_id, name })
                    }
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Which branches of an `Fn::If` are entered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Branches {
    Both,
    Neither,
    Taken(bool),
}

/// What an expression refers to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mention<'a> {
    /// A parameter, a pseudo parameter or a resource.
    Name(&'a str),
    /// `Fn::GetAtt`; without a name if that is a function, too.
    Attribute {
        logical_id: &'a str,
        name: Option<&'a str>,
    },
    /// `${Resource.Attribute}` in `Fn::Sub`.
    SubAttribute { logical_id: &'a str, name: &'a str },
}
