//! Names for comparison: without spelling variants, by sound, and with nicknames. Rules never see a name, only what is
//! derived from it here.

use super::{Date, MatchKey, Texts};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A normalized name: letters and digits in lower case without accents or generation suffixes.
pub fn normalized(name: &str) -> String {
    let plain: String = name.nfd().filter(|c| c.is_alphanumeric() || c.is_whitespace() || "-.,'’".contains(*c)).collect();
    let lower = plain.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || c == ',').map(|word| word.trim_end_matches('.'));
    let kept = words.filter(|word| !["jr", "sr", "ii", "iii", "iv"].contains(word));
    kept.flat_map(str::chars).filter(|c| c.is_alphanumeric()).collect()
}

/// Whether a name ends with a generation suffix, which has its own field.
pub fn ends_with_suffix(name: &str) -> bool {
    let mut words = name.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let (first, last) = (words.next(), words.next_back());
    let suffixes = ["jr", "sr", "ii", "iii", "iv", "v"];
    first.is_some() && last.is_some_and(|word| suffixes.contains(&word.trim_end_matches('.').to_lowercase().as_str()))
}

/// American Soundex of a normalized name: its first letter and three digits for the rest; none without a letter
/// from a to z.
pub fn soundex(name: &str) -> Option<String> {
    let digit = |letter: char| match letter {
        'b' | 'f' | 'p' | 'v' => Some('1'),
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => Some('2'),
        'd' | 't' => Some('3'),
        'l' => Some('4'),
        'm' | 'n' => Some('5'),
        'r' => Some('6'),
        _ => None,
    };
    let mut letters = name.chars().filter(char::is_ascii_lowercase);
    let first = letters.next()?;
    let mut code = String::from(first);
    let mut before = digit(first);
    for letter in letters {
        let now = digit(letter);
        if let Some(digit) = now.filter(|_| now != before) {
            code.push(digit);
        }
        // Adjacent letters of the same sound count once, also with an h or w between them.
        if !matches!(letter, 'h' | 'w') {
            before = now;
        }
        if code.len() == 4 {
            break;
        }
    }
    Some(format!("{code:0<4}"))
}

/// First names used for the same person in American schools.
const CALLED: &[&[&str]] = &[
    &["abigail", "abby", "abbie", "gail"],
    &["albert", "al", "bert"],
    &["alexander", "alex", "sandy", "xander"],
    &["alexandra", "alex", "sandra", "sandy", "lexi"],
    &["amanda", "mandy"],
    &["andrew", "andy", "drew"],
    &["anthony", "tony"],
    &["barbara", "barb", "babs"],
    &["benjamin", "ben", "benny", "benji"],
    &["bradley", "brad"],
    &["catherine", "katherine", "kathryn", "cathy", "kathy", "kate", "katie", "kay"],
    &["charles", "charlie", "chuck", "chas"],
    &["christina", "christine", "tina", "chris", "chrissy"],
    &["christopher", "chris", "topher", "kit"],
    &["cynthia", "cindy"],
    &["daniel", "dan", "danny"],
    &["david", "dave", "davey"],
    &["deborah", "debra", "deb", "debbie"],
    &["donald", "don", "donny"],
    &["dorothy", "dot", "dottie", "dolly"],
    &["douglas", "doug"],
    &["edward", "ed", "eddie", "ned", "ted", "teddy"],
    &["elizabeth", "liz", "lizzie", "beth", "betty", "betsy", "eliza", "libby"],
    &["eugene", "gene"],
    &["francisco", "paco", "pancho", "frank"],
    &["frances", "fran", "frannie"],
    &["frederick", "fred", "freddie"],
    &["gabriel", "gabe"],
    &["gerald", "gerry", "jerry"],
    &["gregory", "greg"],
    &["guadalupe", "lupe", "lupita"],
    &["henry", "hank", "harry"],
    &["isabel", "isabella", "bella", "izzy"],
    &["jacob", "jake"],
    &["james", "jim", "jimmy", "jamie"],
    &["janet", "jan"],
    &["jeffrey", "jeff", "geoff", "geoffrey"],
    &["jennifer", "jen", "jenny"],
    &["jessica", "jess", "jessie"],
    &["jesus", "chuy"],
    &["john", "jack", "johnny"],
    &["jonathan", "jon", "nathan"],
    &["jose", "pepe", "joe"],
    &["joseph", "joe", "joey"],
    &["joshua", "josh"],
    &["judith", "judy"],
    &["kenneth", "ken", "kenny"],
    &["kimberly", "kim"],
    &["lawrence", "larry"],
    &["leonard", "leo", "len", "lenny"],
    &["margaret", "maggie", "meg", "peggy", "marge", "margie", "greta"],
    &["maria", "mary", "mia", "marie"],
    &["matthew", "matt"],
    &["melissa", "missy", "mel"],
    &["michael", "mike", "mickey", "mick"],
    &["michelle", "shelly", "mich"],
    &["nancy", "nan"],
    &["nathaniel", "nathan", "nate"],
    &["nicholas", "nick", "nicky"],
    &["nicole", "nicki", "nikki"],
    &["pamela", "pam"],
    &["patricia", "pat", "patty", "trish", "tricia"],
    &["patrick", "pat", "paddy"],
    &["peter", "pete"],
    &["philip", "phillip", "phil"],
    &["raymond", "ray"],
    &["rebecca", "becky", "becca"],
    &["richard", "rick", "rich", "dick", "ricky", "richie"],
    &["robert", "rob", "bob", "bobby", "robbie"],
    &["ronald", "ron", "ronnie"],
    &["samantha", "sam", "sammie"],
    &["samuel", "sam", "sammy"],
    &["sandra", "sandy"],
    &["sarah", "sara", "sally", "sadie"],
    &["stephanie", "steph"],
    &["stephen", "steven", "steve"],
    &["susan", "sue", "suzanne", "susie"],
    &["teresa", "theresa", "terry", "tess", "tessa"],
    &["terrence", "terry"],
    &["theodore", "theo", "ted", "teddy"],
    &["thomas", "tom", "tommy"],
    &["timothy", "tim", "timmy"],
    &["valerie", "val"],
    &["victoria", "vicky", "tori"],
    &["vincent", "vince", "vinny"],
    &["walter", "walt"],
    &["william", "will", "bill", "billy", "willie", "liam"],
    &["zachary", "zach", "zack"],
];

/// A first name for comparison: the first 16 bytes of its normalized form, and its groups of nicknames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FirstName {
    letters: [u8; 16],
    called: [u8; 3],
}

impl FirstName {
    /// A first name as in a record.
    pub fn of(name: &str) -> FirstName {
        let name = normalized(name);
        let mut end = name.len().min(16);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let mut letters = [0; 16];
        letters[..end].copy_from_slice(&name.as_bytes()[..end]);
        let mut groups = CALLED.iter().enumerate().filter(|(_, names)| names.contains(&name.as_str()));
        let mut next = || groups.next().map_or(0, |(number, _)| number as u8 + 1);
        FirstName { letters, called: [next(), next(), next()] }
    }

    fn text(&self) -> &str {
        let end = self.letters.iter().position(|&byte| byte == 0).unwrap_or(self.letters.len());
        std::str::from_utf8(&self.letters[..end]).unwrap_or("")
    }

    /// The Jaro-Winkler similarity of two first names in 1/100, rounded down; symmetric.
    pub fn likeness(&self, other: &FirstName) -> i64 {
        if other.letters < self.letters {
            return other.likeness(self);
        }
        (strsim::jaro_winkler(self.text(), other.text()) * 100.0).floor() as i64
    }

    /// Whether both may be used for the same person.
    pub fn calls_same(&self, other: &FirstName) -> bool {
        self.called.iter().any(|&group| group != 0 && other.called.contains(&group))
    }
}

/// What decides whether two staff records may be the same person, besides their match block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Names {
    /// First name.
    pub first: FirstName,
    /// Normalized last name.
    pub last: MatchKey,
    /// Normalized former last name.
    pub former: Option<MatchKey>,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// Last name, first name and birth date as one, without case, accents, punctuation, spaces and generation suffix; none
    /// without a birth date.
    pub whole: Option<MatchKey>,
}

impl Names {
    /// The names of a person.
    pub fn of(first: &str, last: &str, former: &str, birth_date: Option<Date>, texts: &mut Texts) -> Names {
        let mut key = |name: &str| texts.id(&format!("last {}", normalized(name)));
        let former = (!former.is_empty()).then(|| key(former));
        let last_key = key(last);
        let whole = birth_date.map(|born| texts.id(&format!("{} {} {born}", normalized(last), normalized(first))));
        Names { first: FirstName::of(first), last: last_key, former, birth_date, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_what_clerks_vary() {
        for name in ["Núñez-Ortega", "nunez ortega", "NUNEZ ORTEGA, JR.", "Nunez-Ortega III"] {
            assert_eq!(normalized(name), "nunezortega", "{name}");
        }
        assert_eq!(normalized("O’Brien"), normalized("O'Brien"));
        assert_eq!(normalized("Ivan"), "ivan");
    }

    /// The examples of the National Archives' Soundex page.
    #[test]
    fn names_that_sound_alike_have_one_code() {
        for (name, code) in [
            ("washington", "w252"),
            ("lee", "l000"),
            ("gutierrez", "g362"),
            ("pfister", "p236"),
            ("jackson", "j250"),
            ("tymczak", "t522"),
            ("ashcraft", "a261"),
            ("vandeusen", "v532"),
        ] {
            assert_eq!(soundex(name).as_deref(), Some(code), "{name}");
        }
        assert_eq!(soundex("王"), None);
    }

    #[test]
    fn first_names_are_alike_by_letters_or_by_use() {
        let likeness = |a, b| FirstName::of(a).likeness(&FirstName::of(b));
        assert_eq!(likeness("Martha", "Marhta"), 96);
        assert_eq!(likeness("Dwayne", "Duane"), 84);
        assert_eq!(likeness("Jo", ""), 0);
        let same = |a, b| FirstName::of(a).calls_same(&FirstName::of(b));
        assert!(same("William", "Bill") && same("Pat", "Patricia") && same("Pat", "Patrick"));
        assert!(!same("Patrick", "Patricia") && !same("Zoe", "Zoe"));
        assert!(CALLED.iter().all(|group| group.iter().all(|name| normalized(name) == *name)));
        let most = |name| CALLED.iter().filter(|group| group.contains(name)).count();
        assert!(CALLED.iter().flat_map(|group| group.iter()).all(|name| most(name) <= 3) && CALLED.len() < 255);
    }

    #[test]
    fn suffixes_are_seen_at_the_end_of_a_name() {
        for name in ["Smith Jr", "Smith, JR.", "Smith III", "de la Cruz Sr"] {
            assert!(ends_with_suffix(name), "{name}");
        }
        for name in ["Smith", "Jr", "V", "Iverson", "Smith-Jr"] {
            assert!(!ends_with_suffix(name), "{name}");
        }
    }
}
