//! Cron expressions as EventBridge has them: minutes, hours, day of month, month, day of week, year.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// The first one is 1.
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIRST_YEAR: i16 = 1970;
const LAST_YEAR: i16 = 2199;

/// For how many days a next time is looked for: leap years come every eight years at worst.
const DAYS_AHEAD: usize = 366 * 9;

/// A cron expression.
#[derive(Clone, Debug)]
pub(in crate::event_bridge) struct Cron {
    minutes: u64,
    hours: u64,
    days: Days,
    months: u64,
    weekdays: Weekdays,
    years: Vec<(i16, i16, i16)>,
}

#[derive(Clone, Copy, Debug)]
enum Days {
    /// `?`: the day of the week decides.
    Open,
    Of(u64),
    Last,
    LastWeekday,
    /// The weekday nearest to a day.
    NearestWeekday(i8),
}

#[derive(Clone, Copy, Debug)]
enum Weekdays {
    Open,
    Of(u64),
    /// The last one of its kind in the month.
    Last(i8),
    /// Such as the first Monday: 2 and 1.
    Nth(i8, i8),
}

impl Cron {
    /// Reads six fields.
    pub(super) fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields[..] else {
            return None;
        };
        let cron = Self {
            minutes: bits(minutes, 0, 59, &[])?,
            hours: bits(hours, 0, 23, &[])?,
            days: Days::read(days)?,
            months: bits(months, 1, 12, &MONTHS)?,
            weekdays: Weekdays::read(weekdays)?,
            years: ranges(years, FIRST_YEAR, LAST_YEAR, &[])?,
        };
        // One of the two has to be open, and not both.
        let is_open = (
            matches!(cron.days, Days::Open),
            matches!(cron.weekdays, Weekdays::Open),
        );
        (is_open.0 != is_open.1).then_some(cron)
    }

    /// The first time after a point in time.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let start = after.to_zoned(TimeZone::UTC).datetime();
        let mut date = start.date();
        for _ in 0..DAYS_AHEAD {
            if self.is_on(date) {
                let hours = (0..24).filter(|hour| self.hours & (1 << hour) != 0);
                for hour in hours {
                    let minutes = (0..60).filter(|minute| self.minutes & (1 << minute) != 0);
                    for minute in minutes {
                        let time = date.at(hour, minute, 0, 0);
                        if time > start {
                            let zoned = time.to_zoned(TimeZone::UTC).ok()?;
                            return Some(zoned.timestamp());
                        }
                    }
                }
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn is_on(&self, date: Date) -> bool {
        let year = self.years.iter().any(|(from, to, step)| {
            (*from..=*to).contains(&date.year()) && (date.year() - from) % step == 0
        });
        year && self.months & (1 << date.month()) != 0
            && self.days.has(date)
            && self.weekdays.has(date)
    }
}

impl Days {
    fn read(text: &str) -> Option<Self> {
        match text {
            "?" => Some(Self::Open),
            "L" => Some(Self::Last),
            "LW" => Some(Self::LastWeekday),
            _ => match text.strip_suffix('W') {
                Some(day) => {
                    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
                    Some(Self::NearestWeekday(day))
                }
                None => bits(text, 1, 31, &[]).map(Self::Of),
            },
        }
    }

    fn has(self, date: Date) -> bool {
        match self {
            Self::Open => true,
            Self::Of(days) => days & (1 << date.day()) != 0,
            Self::Last => date.day() == date.days_in_month(),
            Self::LastWeekday => nearest_weekday(date, date.days_in_month()) == date.day(),
            Self::NearestWeekday(day) => {
                day <= date.days_in_month() && nearest_weekday(date, day) == date.day()
            }
        }
    }
}

/// The weekday nearest to a day, in the month of a date.
fn nearest_weekday(month: Date, day: i8) -> i8 {
    let Ok(date) = Date::new(month.year(), month.month(), day) else {
        return day;
    };
    match number(date) {
        7 if day == 1 => 3,
        7 => day - 1,
        1 if day == month.days_in_month() => day - 2,
        1 => day + 1,
        _ => day,
    }
}

/// A date's day of the week; Sunday is 1.
fn number(date: Date) -> i8 {
    date.weekday().to_sunday_one_offset()
}

impl Weekdays {
    fn read(text: &str) -> Option<Self> {
        if text == "?" {
            return Some(Self::Open);
        }
        // The week ends with Saturday.
        if text == "L" {
            return Some(Self::Of(1 << 7));
        }
        if let Some((day, number)) = text.split_once('#') {
            let day = one(day, 1, 7, &WEEKDAYS)?;
            let number = number
                .parse()
                .ok()
                .filter(|number| (1..=5).contains(number))?;
            return Some(Self::Nth(i8::try_from(day).ok()?, number));
        }
        if let Some(day) = text.strip_suffix('L') {
            let day = one(day, 1, 7, &WEEKDAYS)?;
            return Some(Self::Last(i8::try_from(day).ok()?));
        }
        bits(text, 1, 7, &WEEKDAYS).map(Self::Of)
    }

    fn has(self, date: Date) -> bool {
        match self {
            Self::Open => true,
            Self::Of(days) => days & (1 << number(date)) != 0,
            Self::Last(day) => day == number(date) && date.day() + 7 > date.days_in_month(),
            Self::Nth(day, nth) => day == number(date) && (date.day() + 6) / 7 == nth,
        }
    }
}

/// The numbers of a field, as bits.
fn bits(text: &str, low: i16, high: i16, names: &[&str]) -> Option<u64> {
    let mut bits = 0;
    for (from, to, step) in ranges(text, low, high, names)? {
        let mut number = from;
        while number <= to {
            bits |= 1 << number;
            number += step;
        }
    }
    Some(bits)
}

/// The ranges of a field: from, to, step.
fn ranges(text: &str, low: i16, high: i16, names: &[&str]) -> Option<Vec<(i16, i16, i16)>> {
    let range = |part: &str| {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse().ok().filter(|step| (1..=high).contains(step))?;
                (range, Some(step))
            }
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (one(from, low, high, names)?, one(to, low, high, names)?),
            None if range == "*" => (low, high),
            None => {
                let from = one(range, low, high, names)?;
                (from, if step.is_some() { high } else { from })
            }
        };
        (from <= to).then_some((from, to, step.unwrap_or(1)))
    };
    text.split(',').map(range).collect()
}

/// A number, or a name; the first name stands for `low`.
fn one(text: &str, low: i16, high: i16, names: &[&str]) -> Option<i16> {
    let mut all = (low..).zip(names);
    let named = all.find(|(_, name)| name.eq_ignore_ascii_case(text));
    let number = named.map_or_else(|| text.parse().ok(), |(number, _)| Some(number))?;
    (low..=high).contains(&number).then_some(number)
}
