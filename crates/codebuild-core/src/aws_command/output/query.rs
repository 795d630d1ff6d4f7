//! `--query`: JMESPath over the answer.

use std::fmt;

use jmespath::Expression;
use jmespath::Rcvar;
use jmespath::Variable;
use jmespath::ast::Ast;
use serde_json::Map;
use serde_json::Value;

/// A JMESPath expression.
#[derive(Clone)]
pub(crate) struct Query {
    expression: Expression<'static>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match jmespath::compile(text) {
            Ok(expression) => Ok(Self { expression }),
            // The first line says it all; the next ones draw the place.
            Err(error) => Err(error
                .to_string()
                .lines()
                .next()
                .unwrap_or("it is not JMESPath")
                .to_owned()),
        }
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        self.expression.as_str()
    }

    /// Applies the query. JMESPath objects have no order, so the members of the result are put into
    /// the order that they have in the query or in the answer, as the AWS CLI keeps it.
    pub(crate) fn search(&self, value: &Value) -> Result<Value, String> {
        let input = Variable::try_from(value.clone()).map_err(|error| error.to_string())?;
        let found = self
            .expression
            .search(Rcvar::new(input))
            .map_err(|error| error.to_string())?;
        let mut found = serde_json::to_value(&*found).map_err(|error| error.to_string())?;
        let mut orders = Vec::new();
        orders_in_query(self.expression.as_ast(), &mut orders);
        orders_in_answer(value, &mut orders);
        put_in_order(&mut found, &orders);
        Ok(found)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query")
            .field(&self.expression.as_str())
            .finish()
    }
}

/// The members of each `{name: …}` of the query, in order.
fn orders_in_query(ast: &Ast, orders: &mut Vec<Vec<String>>) {
    match ast {
        Ast::MultiHash { elements, .. } => {
            orders.push(elements.iter().map(|pair| pair.key.clone()).collect());
            for pair in elements {
                orders_in_query(&pair.value, orders);
            }
        }
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => {
            orders_in_query(lhs, orders);
            orders_in_query(rhs, orders);
        }
        Ast::Condition {
            predicate, then, ..
        } => {
            orders_in_query(predicate, orders);
            orders_in_query(then, orders);
        }
        Ast::Expref { ast, .. } => orders_in_query(ast, orders),
        Ast::Flatten { node, .. } | Ast::Not { node, .. } | Ast::ObjectValues { node, .. } => {
            orders_in_query(node, orders);
        }
        Ast::Function { args, .. } => args.iter().for_each(|arg| orders_in_query(arg, orders)),
        Ast::MultiList { elements, .. } => elements
            .iter()
            .for_each(|element| orders_in_query(element, orders)),
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => {}
    }
}

/// The members of each object of the answer, in order; each order once.
fn orders_in_answer(value: &Value, orders: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(members) => {
            let order: Vec<String> = members.keys().cloned().collect();
            if !orders.contains(&order) {
                orders.push(order);
            }
            members
                .values()
                .for_each(|member| orders_in_answer(member, orders));
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| orders_in_answer(element, orders)),
        _ => {}
    }
}

fn put_in_order(value: &mut Value, orders: &[Vec<String>]) {
    match value {
        Value::Object(members) => {
            let order = orders.iter().find(|order| {
                order.len() == members.len() && order.iter().all(|name| members.contains_key(name))
            });
            if let Some(order) = order {
                let mut unordered = std::mem::take(members);
                *members = order
                    .iter()
                    .filter_map(|name| Some((name.clone(), unordered.swap_remove(name)?)))
                    .collect::<Map<_, _>>();
            }
            members
                .values_mut()
                .for_each(|member| put_in_order(member, orders));
        }
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| put_in_order(element, orders)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Query;

    fn search(query: &str) -> String {
        let answer = json!({"projects": [
            {"name": "b", "arn": "arn:b", "tags": []},
            {"name": "a", "arn": "arn:a", "tags": [{"key": "k", "value": "v"}]},
        ]});
        Query::parse(query)
            .unwrap()
            .search(&answer)
            .unwrap()
            .to_string()
    }

    #[test]
    fn members_keep_the_order_of_the_answer_or_of_the_query() {
        assert_eq!(
            search("projects[0]"),
            r#"{"name":"b","arn":"arn:b","tags":[]}"#
        );
        assert_eq!(
            search("projects[].{Name: name, Arn: arn}"),
            r#"[{"Name":"b","Arn":"arn:b"},{"Name":"a","Arn":"arn:a"}]"#
        );
        assert_eq!(search("sort(projects[].name)"), r#"["a","b"]"#);
        assert_eq!(search("nothing"), "null");
    }

    #[test]
    fn a_query_that_is_none_is_refused_with_its_place() {
        let reason = Query::parse("projects[0").unwrap_err();
        assert!(reason.contains("column"), "{reason}");
    }
}
