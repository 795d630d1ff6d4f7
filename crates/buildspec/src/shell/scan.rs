//! From a text to its simple commands.

use super::DEEPEST;
use super::Script;
use super::Separator;
use super::Simple;
use super::is_name;

/// A compound command that has begun.
struct Block {
    kind: BlockKind,
    /// How many simple commands were there when it began.
    begin: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum BlockKind {
    If,
    /// A loop before its `do`.
    Condition,
    /// A loop after its `do`.
    Loop,
    Case,
    Brace,
    Parenthesis,
}

pub(super) fn scan(text: &str, outer_depth: usize, first_line: usize) -> Script {
    let scanner = Scanner {
        chars: text.chars().collect(),
        at: 0,
        line: first_line,
        outer_depth,
        script: Script::default(),
        blocks: Vec::new(),
        words: Vec::new(),
        word: None,
        is_quoted: false,
        words_line: first_line,
        is_target: false,
        is_dropped: false,
        ended_block: None,
        here_documents: Vec::new(),
    };
    let mut script = scanner.run();
    if outer_depth < DEEPEST {
        with_inner_scripts(&mut script);
    }
    script
}

/// Adds the commands of `sh -c SCRIPT` after the shell that runs them.
fn with_inner_scripts(script: &mut Script) {
    let commands = std::mem::take(&mut script.commands);
    for command in commands {
        let inner = command.inner_script().map(|(text, is_bash)| {
            let inner = scan(text, DEEPEST.min(command.depth + 1), command.line);
            (inner, is_bash)
        });
        let outer = command.clone();
        script.commands.push(command);
        let Some((inner, is_bash)) = inner else {
            continue;
        };
        script
            .commands
            .extend(inner.commands.into_iter().map(|command| Simple {
                is_background: command.is_background || outer.is_background,
                is_loop_condition: command.is_loop_condition || outer.is_loop_condition,
                is_in_bash: command.is_in_bash || is_bash,
                ..command
            }));
        if !is_bash {
            script.bash.extend(inner.bash);
        }
    }
}

/// Whether what stands between `${` and `}` replaces a part of a value or changes its case, which
/// POSIX does not have.
fn is_bash_expansion(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    rest.len() < text.len() && ["/", "^", ","].iter().any(|begin| rest.starts_with(begin))
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    outer_depth: usize,
    script: Script,
    blocks: Vec<Block>,
    /// The simple command that is being read.
    words: Vec<String>,
    /// The word that is being read.
    word: Option<String>,
    is_quoted: bool,
    words_line: usize,
    /// Whether the next word is the target of a redirection.
    is_target: bool,
    /// Whether what is being read is not a command, such as the words of `for`.
    is_dropped: bool,
    /// Where the commands of the compound command begin that has just ended.
    ended_block: Option<usize>,
    /// Delimiters of here-documents whose bodies come after this line, and whether tabs before
    /// them do not count.
    here_documents: Vec<(String, bool)>,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at.saturating_add(ahead)).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn push(&mut self, c: char) {
        if self.words.is_empty() && self.word.is_none() {
            self.words_line = self.line;
        }
        self.word.get_or_insert_default().push(c);
    }

    fn run(mut self) -> Script {
        while let Some(c) = self.next() {
            match c {
                '\n' => {
                    self.end_command(Separator::Newline);
                    self.skip_here_documents();
                }
                c if c.is_whitespace() => self.end_word(),
                '#' if self.word.is_none() => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.next();
                    }
                }
                '\\' => match self.next() {
                    None | Some('\n') => {}
                    Some(c) => {
                        self.is_quoted = true;
                        self.push(c);
                    }
                },
                '\'' => self.single_quotes(),
                '"' => self.double_quotes(),
                '$' => self.dollar(),
                '`' => self.backquotes(),
                ';' => {
                    let is_case_end = self.peek(0) == Some(';');
                    if is_case_end {
                        self.next();
                    }
                    self.end_command(Separator::Semicolon);
                }
                '&' => self.ampersand(),
                '|' => {
                    let separator = match self.peek(0) {
                        Some('|') => Separator::Or,
                        _ => Separator::Pipe,
                    };
                    if matches!(self.peek(0), Some('|' | '&')) {
                        self.next();
                    }
                    self.end_command(separator);
                }
                '(' => self.open_parenthesis(),
                ')' => self.close_parenthesis(),
                '<' | '>' => self.redirection(c),
                c => self.push(c),
            }
        }
        self.end_command(Separator::Newline);
        self.script
    }

    fn single_quotes(&mut self) {
        self.begin_quotes();
        while let Some(c) = self.next() {
            if c == '\'' {
                break;
            }
            self.push(c);
        }
    }

    fn double_quotes(&mut self) {
        self.begin_quotes();
        while let Some(c) = self.next() {
            match c {
                '"' => break,
                '\\' => match self.next() {
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.push(c),
                    Some('\n') | None => {}
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                },
                '$' => self.dollar(),
                '`' => self.backquotes(),
                c => self.push(c),
            }
        }
    }

    fn begin_quotes(&mut self) {
        if self.words.is_empty() && self.word.is_none() {
            self.words_line = self.line;
        }
        self.word.get_or_insert_default();
        self.is_quoted = true;
    }

    /// After `$`: a substitution, an expansion, or nothing special.
    fn dollar(&mut self) {
        self.push('$');
        match (self.peek(0), self.peek(1)) {
            (Some('('), Some('(')) => {
                self.next();
                let text = self.balanced('(', ')');
                self.push_all('(', &text, ')');
            }
            (Some('('), _) => {
                self.next();
                let line = self.line;
                let text = self.balanced('(', ')');
                self.substitution(&text, line);
                self.push_all('(', &text, ')');
            }
            (Some('{'), _) => {
                self.next();
                let text = self.balanced('{', '}');
                if is_bash_expansion(&text) {
                    self.script.bash.push((format!("${{{text}}}"), self.line));
                }
                self.push_all('{', &text, '}');
            }
            _ => {}
        }
    }

    fn push_all(&mut self, open: char, text: &str, close: char) {
        let word = self.word.get_or_insert_default();
        word.push(open);
        word.push_str(text);
        word.push(close);
    }

    fn backquotes(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '`' => break,
                '\\' => text.extend(self.next()),
                c => text.push(c),
            }
        }
        self.begin_quotes();
        self.substitution(&text, line);
        self.push_all('`', &text, '`');
    }

    /// The commands of `$(…)` run before the command that they stand in.
    fn substitution(&mut self, text: &str, line: usize) {
        let depth = self.outer_depth + self.blocks.len() + 1;
        if depth >= DEEPEST {
            return;
        }
        let inner = scan(text, depth, line);
        self.script.commands.extend(inner.commands);
        self.script.bash.extend(inner.bash);
    }

    /// The text up to the closing bracket, which is skipped. Quotes in it may hold brackets.
    fn balanced(&mut self, open: char, close: char) -> String {
        let mut text = String::new();
        let mut depth = 0usize;
        let mut quote = None;
        while let Some(c) = self.next() {
            match quote {
                Some(end) if c == end => quote = None,
                Some('\'') => {}
                _ if c == '\\' => {
                    text.push(c);
                    text.extend(self.next());
                    continue;
                }
                Some(_) => {}
                None if c == '\'' || c == '"' => quote = Some(c),
                None if c == open => depth += 1,
                None if c == close => match depth.checked_sub(1) {
                    Some(less) => depth = less,
                    None => return text,
                },
                None => {}
            }
            text.push(c);
        }
        text
    }

    fn ampersand(&mut self) {
        match self.peek(0) {
            Some('&') => {
                self.next();
                self.end_command(Separator::And);
            }
            // bash's `&>`.
            Some('>') => self.end_word(),
            _ => self.end_command(Separator::Background),
        }
    }

    fn open_parenthesis(&mut self) {
        let word = self.word.clone().unwrap_or_default();
        if word.ends_with('=') {
            self.script.bash.push((format!("{word}(…)"), self.line));
            let text = self.balanced('(', ')');
            self.push_all('(', &text, ')');
        } else if self.words.is_empty() && is_name(&word) && !self.is_quoted {
            while self.peek(0).is_some_and(|c| c == ' ' || c == ')') {
                let c = self.next();
                if c == Some(')') {
                    break;
                }
            }
            self.script.functions.push(word);
            self.word = None;
        } else {
            self.end_word();
            self.blocks.push(Block {
                kind: BlockKind::Parenthesis,
                begin: self.script.commands.len(),
            });
        }
    }

    fn close_parenthesis(&mut self) {
        match self.blocks.last().map(|block| block.kind) {
            // The pattern of a case.
            Some(BlockKind::Case) => {
                self.word = None;
                self.words.clear();
                self.is_dropped = false;
            }
            Some(BlockKind::Parenthesis) => {
                self.end_command(Separator::Newline);
                self.end_block(BlockKind::Parenthesis);
            }
            _ => self.end_command(Separator::Newline),
        }
    }

    fn redirection(&mut self, c: char) {
        // The number of a file descriptor is not a word of its own.
        if let Some(word) = &self.word
            && !self.is_quoted
            && word.chars().all(|c| c.is_ascii_digit())
        {
            self.word = None;
        }
        self.end_word();
        match (c, self.peek(0)) {
            ('<' | '>', Some('(')) => {
                self.script.bash.push((format!("{c}(…)"), self.line));
                self.next();
                let line = self.line;
                let text = self.balanced('(', ')');
                self.substitution(&text, line);
                return;
            }
            ('<', Some('<')) => {
                self.next();
                if self.peek(0) == Some('<') {
                    self.next();
                    self.script.bash.push(("<<<".to_owned(), self.line));
                    self.is_target = true;
                    return;
                }
                let is_indented = self.peek(0) == Some('-');
                if is_indented {
                    self.next();
                }
                while self.peek(0).is_some_and(|c| c == ' ' || c == '\t') {
                    self.next();
                }
                let mut delimiter = String::new();
                while let Some(c) = self.peek(0)
                    && !c.is_whitespace()
                    && !";&|<>()".contains(c)
                {
                    self.next();
                    if !"'\"\\".contains(c) {
                        delimiter.push(c);
                    }
                }
                self.here_documents.push((delimiter, is_indented));
                return;
            }
            _ => {}
        }
        while matches!(self.peek(0), Some('<' | '>' | '&' | '|')) {
            self.next();
        }
        self.is_target = true;
    }

    fn skip_here_documents(&mut self) {
        for (delimiter, is_indented) in std::mem::take(&mut self.here_documents) {
            loop {
                let mut line = String::new();
                let mut ended = true;
                while let Some(c) = self.next() {
                    if c == '\n' {
                        ended = false;
                        break;
                    }
                    line.push(c);
                }
                let line = match is_indented {
                    true => line.trim_start_matches('\t'),
                    false => &line,
                };
                if ended || line == delimiter {
                    break;
                }
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else {
            return;
        };
        let is_quoted = std::mem::take(&mut self.is_quoted);
        if std::mem::take(&mut self.is_target) {
            return;
        }
        if is_quoted || !self.words.is_empty() || !self.keyword(&word) {
            self.words.push(word);
        }
        if self.is_dropped && self.words.first().is_some_and(|word| word == "case") {
            // `case WORD in` ends with `in`.
            if self.words.len() > 2 && self.words.last().is_some_and(|word| word == "in") {
                self.words.clear();
                self.is_dropped = false;
            }
        }
    }

    /// Whether a word in the place of a command is a word of the shell's grammar.
    fn keyword(&mut self, word: &str) -> bool {
        let begin = self.script.commands.len();
        let kind = match word {
            "if" => BlockKind::If,
            "while" | "until" => BlockKind::Condition,
            "{" => BlockKind::Brace,
            "for" | "select" => {
                self.is_dropped = true;
                BlockKind::Condition
            }
            "case" => {
                self.is_dropped = true;
                self.blocks.push(Block {
                    kind: BlockKind::Case,
                    begin,
                });
                return false;
            }
            "do" => {
                if let Some(block) = self.blocks.last_mut()
                    && block.kind == BlockKind::Condition
                {
                    block.kind = BlockKind::Loop;
                }
                return true;
            }
            "then" | "elif" | "else" | "!" => return true,
            "fi" => return self.end_block(BlockKind::If),
            "done" => return self.end_block(BlockKind::Loop),
            "esac" => return self.end_block(BlockKind::Case),
            "}" => return self.end_block(BlockKind::Brace),
            "[[" => {
                self.script.bash.push(("[[".to_owned(), self.line));
                return false;
            }
            "function" => {
                self.script.bash.push(("function".to_owned(), self.line));
                return true;
            }
            _ => return false,
        };
        self.blocks.push(Block { kind, begin });
        true
    }

    fn end_block(&mut self, kind: BlockKind) -> bool {
        if self.blocks.last().is_some_and(|block| block.kind == kind) {
            self.ended_block = self.blocks.pop().map(|block| block.begin);
            return true;
        }
        false
    }

    fn end_command(&mut self, next: Separator) {
        self.end_word();
        self.is_target = false;
        let words = std::mem::take(&mut self.words);
        let is_dropped = std::mem::take(&mut self.is_dropped);
        if words.is_empty() || is_dropped {
            if let Some(begin) = self.ended_block.take()
                && next == Separator::Background
            {
                for command in self.script.commands.iter_mut().skip(begin) {
                    command.is_background = true;
                }
            }
            return;
        }
        self.ended_block = None;
        if let Some(word) = words.first()
            && word == "source"
        {
            self.script
                .bash
                .push(("source".to_owned(), self.words_line));
        }
        let is_background = next == Separator::Background;
        if is_background {
            let joined = self.script.commands.iter_mut().rev().take_while(|command| {
                matches!(
                    command.next,
                    Separator::And | Separator::Or | Separator::Pipe
                )
            });
            for command in joined {
                command.is_background = true;
            }
        }
        let innermost_loop = self
            .blocks
            .iter()
            .rev()
            .find(|block| matches!(block.kind, BlockKind::Condition | BlockKind::Loop));
        self.script.commands.push(Simple {
            words,
            line: self.words_line,
            depth: self.outer_depth + self.blocks.len(),
            is_loop_condition: innermost_loop
                .is_some_and(|block| block.kind == BlockKind::Condition),
            is_background,
            next,
            is_in_bash: false,
        });
    }
}
