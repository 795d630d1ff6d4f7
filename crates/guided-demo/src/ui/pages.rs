//! A text in parts, each of which fits on the screen with what stands there already.

/// Below this many rows the beginning of a block is not worth showing.
const FEW: usize = 4;

/// Cuts `text` for a screen with `room` rows, of which `used` are taken. Blocks, which empty lines
/// divide, stay together unless one alone is too long. The first part may be empty.
pub(crate) fn pages(text: &str, room: usize, used: usize) -> Vec<&str> {
    let room = room.max(FEW);
    let mut pages = Vec::new();
    let mut begin = 0;
    let mut rows = 0;
    let mut left = room.saturating_sub(used);
    for (at, block) in blocks(text) {
        let height = rows_of(block);
        if rows + height <= left {
            rows += height;
            continue;
        }
        // The title of a step is not left alone, and a long block has to be torn anyway.
        let is_first = pages.is_empty() && rows == 0;
        let tears = height > room || (is_first && used > 0 && used * 3 <= room);
        if !tears || left - rows.min(left) < FEW {
            pages.push(&text[begin..at]);
            (begin, rows, left) = (at, 0, room);
        }
        if height <= left - rows {
            rows += height;
            continue;
        }
        let mut from = at;
        for (line_at, line) in lines(block) {
            if rows == left {
                let here = at + line_at;
                pages.push(&text[begin..here]);
                (begin, rows, left) = (here, 0, room);
                from = here;
            }
            if !line.trim().is_empty() || at + line_at > from {
                rows += 1;
            }
        }
    }
    pages.push(&text[begin..]);
    pages
}

/// How many rows a text takes, empty lines at its end aside.
fn rows_of(text: &str) -> usize {
    text.trim_end().lines().count()
}

/// The blocks of a text with their places, each with the empty lines behind it.
fn blocks(text: &str) -> Vec<(usize, &str)> {
    let mut blocks = Vec::new();
    let mut begin = 0;
    let mut after_empty = false;
    for (at, line) in lines(text) {
        let empty = line.trim().is_empty();
        if after_empty && !empty {
            blocks.push((begin, &text[begin..at]));
            begin = at;
        }
        after_empty = empty;
    }
    blocks.push((begin, &text[begin..]));
    blocks
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    })
}

#[cfg(test)]
mod tests {
    use super::pages;

    fn numbered(count: usize) -> String {
        (1..=count).map(|n| format!("{n}\n")).collect()
    }

    #[test]
    fn what_fits_is_one_part_and_nothing_is_lost() {
        assert_eq!(pages("a\nb\n\nc\n\n", 10, 4), ["a\nb\n\nc\n\n"]);
        for room in 1..30 {
            for used in 0..room + 3 {
                let text = format!("{}\n{}\n{}\n\n", numbered(3), numbered(25), numbered(2));
                assert_eq!(pages(&text, room, used).concat(), text, "{room} {used}");
            }
        }
    }

    #[test]
    fn blocks_stay_together() {
        let text = format!("{}\n{}\n", numbered(5), numbered(6));
        let parts = pages(&text, 10, 0);
        assert_eq!(
            parts,
            [format!("{}\n", numbered(5)), format!("{}\n", numbered(6))]
        );
    }

    #[test]
    fn no_part_of_a_long_block_is_higher_than_the_screen() {
        let text = numbered(47);
        let parts = pages(&text, 10, 4);
        let heights: Vec<usize> = parts.iter().map(|part| part.lines().count()).collect();
        assert_eq!(heights, [6, 10, 10, 10, 10, 1]);
    }

    #[test]
    fn a_title_is_not_left_alone_but_a_full_screen_is_read_first() {
        let text = numbered(18);
        assert_eq!(pages(&text, 20, 4)[0].lines().count(), 16);
        assert_eq!(pages(&text, 20, 15)[0], "");
    }
}
