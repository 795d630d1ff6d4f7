//! The AWS CLI's shorthand syntax: `key=value,key=[a,b],key={k=v}`.
//!
//! "Using shorthand syntax in the AWS CLI", AWS CLI user guide. Values are strings and lists of
//! strings here; the operation's model turns them into numbers, booleans and one-element lists.

use serde_json::Map;
use serde_json::Value;

/// Why text is not shorthand, with the position in characters, from 0.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct ShorthandError {
    pub(crate) expected: String,
    pub(crate) found: Option<char>,
    pub(crate) position: usize,
}

/// Nesting deeper than any parameter of CodeBuild; bounds recursion on hostile input.
const DEEPEST: usize = 32;

/// Parses `key=value,…`.
pub(crate) fn parse(text: &str) -> Result<Map<String, Value>, ShorthandError> {
    let mut reader = Reader {
        text: text.chars().collect(),
        position: 0,
        depth: 0,
    };
    reader.parameter()
}

struct Reader {
    text: Vec<char>,
    position: usize,
    depth: usize,
}

impl Reader {
    fn parameter(&mut self) -> Result<Map<String, Value>, ShorthandError> {
        let mut members = Map::new();
        loop {
            self.skip_spaces();
            let begin = self.position;
            let key = self.key()?;
            self.expect('=')?;
            let value = self.values()?;
            if members.insert(key.clone(), value).is_some() {
                self.position = begin;
                return Err(self.error(&format!("one value for `{key}`, which is given twice")));
            }
            self.skip_spaces();
            if self.current().is_none() {
                return Ok(members);
            }
            self.expect(',')?;
        }
    }

    fn key(&mut self) -> Result<String, ShorthandError> {
        let begin = self.position;
        while self
            .current()
            .is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c))
        {
            self.position += 1;
        }
        if begin == self.position {
            return Err(self.error("a key"));
        }
        Ok(self.text[begin..self.position].iter().collect())
    }

    fn values(&mut self) -> Result<Value, ShorthandError> {
        match self.current() {
            None => Ok(Value::String(String::new())),
            Some('[') => self.list(),
            Some('{') => self.hash(),
            Some(_) => self.comma_list(),
        }
    }

    /// `a` is a string, `a,b` a list: a comma belongs to the list unless a `key=` follows it.
    fn comma_list(&mut self) -> Result<Value, ShorthandError> {
        let first = self.value()?;
        let mut elements = vec![Value::String(first)];
        loop {
            self.skip_spaces();
            if self.current() != Some(',') {
                break;
            }
            let comma = self.position;
            self.position += 1;
            self.skip_spaces();
            if self.current().is_none() || self.key_follows() {
                self.position = comma;
                break;
            }
            elements.push(Value::String(self.value()?));
        }
        match <[Value; 1]>::try_from(elements) {
            Ok([only]) => Ok(only),
            Err(elements) => Ok(Value::Array(elements)),
        }
    }

    fn key_follows(&mut self) -> bool {
        let begin = self.position;
        let follows = self.key().is_ok() && {
            self.skip_spaces();
            self.current() == Some('=')
        };
        self.position = begin;
        follows
    }

    fn list(&mut self) -> Result<Value, ShorthandError> {
        self.deeper()?;
        self.expect('[')?;
        let mut elements = Vec::new();
        loop {
            self.skip_spaces();
            if self.current() == Some(']') {
                break;
            }
            elements.push(self.nested_value()?);
            self.skip_spaces();
            if self.current() != Some(']') {
                self.expect(',')?;
            }
        }
        self.expect(']')?;
        self.depth -= 1;
        Ok(Value::Array(elements))
    }

    fn hash(&mut self) -> Result<Value, ShorthandError> {
        self.deeper()?;
        self.expect('{')?;
        let mut members = Map::new();
        loop {
            self.skip_spaces();
            if self.current() == Some('}') {
                break;
            }
            let key = self.key()?;
            self.expect('=')?;
            let value = self.nested_value()?;
            members.insert(key, value);
            self.skip_spaces();
            if self.current() != Some('}') {
                self.expect(',')?;
            }
        }
        self.expect('}')?;
        self.depth -= 1;
        Ok(Value::Object(members))
    }

    fn nested_value(&mut self) -> Result<Value, ShorthandError> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.hash(),
            _ => self.value().map(Value::String),
        }
    }

    fn value(&mut self) -> Result<String, ShorthandError> {
        match self.current() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            _ => Ok(self.unquoted()),
        }
    }

    /// Up to a comma, quote or closing bracket; `\,` is a comma.
    fn unquoted(&mut self) -> String {
        let mut value = String::new();
        while let Some(character) = self.current() {
            if character == '\\' && self.text.get(self.position + 1) == Some(&',') {
                value.push(',');
                self.position += 2;
                continue;
            }
            let ends = match character {
                ',' => true,
                // Inside of brackets these close; outside they are text.
                ']' | '}' => self.depth > 0,
                _ => false,
            };
            if ends {
                break;
            }
            value.push(character);
            self.position += 1;
        }
        value.truncate(value.trim_end().len());
        value
    }

    /// `\"` inside of `"…"` is a quote, `\\` a backslash.
    fn quoted(&mut self, quote: char) -> Result<String, ShorthandError> {
        self.position += 1;
        let mut value = String::new();
        while let Some(character) = self.current() {
            self.position += 1;
            if character == quote {
                return Ok(value);
            }
            if character == '\\'
                && let Some(&escaped) = self.text.get(self.position)
                && (escaped == quote || escaped == '\\')
            {
                value.push(escaped);
                self.position += 1;
            } else {
                value.push(character);
            }
        }
        Err(self.error(&format!("a closing {quote}")))
    }

    fn deeper(&mut self) -> Result<(), ShorthandError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("fewer brackets inside of each other"));
        }
        Ok(())
    }

    fn expect(&mut self, character: char) -> Result<(), ShorthandError> {
        self.skip_spaces();
        if self.current() != Some(character) {
            return Err(self.error(&format!("'{character}'")));
        }
        self.position += 1;
        self.skip_spaces();
        Ok(())
    }

    fn skip_spaces(&mut self) {
        while self.current().is_some_and(char::is_whitespace) {
            self.position += 1;
        }
    }

    fn current(&self) -> Option<char> {
        self.text.get(self.position).copied()
    }

    fn error(&self, expected: &str) -> ShorthandError {
        ShorthandError {
            expected: expected.to_owned(),
            found: self.current(),
            position: self.position,
        }
    }
}

impl std::fmt::Display for ShorthandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expected: {}, received: ", self.expected)?;
        match self.found {
            Some(character) => write!(f, "'{character}'")?,
            None => f.write_str("the end")?,
        }
        write!(f, " at position {}", self.position + 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::parse;

    fn read(text: &str) -> Value {
        Value::Object(parse(text).unwrap())
    }

    #[test]
    fn keys_lists_and_structures() {
        assert_eq!(read("name=A,value=B"), json!({"name": "A", "value": "B"}));
        assert_eq!(read("a=b,c"), json!({"a": ["b", "c"]}));
        assert_eq!(read("a=b,c,d=e"), json!({"a": ["b", "c"], "d": "e"}));
        assert_eq!(
            read("a=[x,y],b={c=d,e=[f]}"),
            json!({"a": ["x", "y"], "b": {"c": "d", "e": ["f"]}})
        );
        assert_eq!(read("a="), json!({"a": ""}));
        assert_eq!(read("a=,b=c"), json!({"a": "", "b": "c"}));
    }

    #[test]
    fn values_may_hold_what_looks_like_syntax() {
        assert_eq!(read(r#"value="a,b=c""#), json!({"value": "a,b=c"}));
        assert_eq!(read(r"value='it is {x}'"), json!({"value": "it is {x}"}));
        assert_eq!(read(r"value=a\,b"), json!({"value": "a,b"}));
        assert_eq!(
            read("location=https://github.com/a/b.git"),
            json!({"location": "https://github.com/a/b.git"})
        );
        assert_eq!(read("value=x=y"), json!({"value": "x=y"}));
    }

    #[test]
    fn errors_say_what_was_expected_and_where() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            error("name"),
            "Expected: '=', received: the end at position 5"
        );
        assert_eq!(
            error("a={b=c"),
            "Expected: ',', received: the end at position 7"
        );
        assert_eq!(
            error("a=[b"),
            "Expected: ',', received: the end at position 5"
        );
        assert_eq!(error("=x"), "Expected: a key, received: '=' at position 1");
        assert_eq!(
            error("a=b,a=c"),
            "Expected: one value for `a`, which is given twice, received: 'a' at position 5"
        );
        assert!(parse(&format!("a={}", "[".repeat(5000))).is_err());
    }
}
