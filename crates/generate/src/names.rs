//! Names of people who do not exist.
//!
//! Common names, with the accents, apostrophes, hyphens and spaces that real rosters have and that break careless
//! loaders. No two entries of a list are equal without case, accents and punctuation: the staff generator relies on that
//! to keep people distinct.

use super::dice::Dice;

#[rustfmt::skip]
pub(super) const FEMALE: [&str; 72] = [
    "Olivia", "Emma", "Charlotte", "Amelia", "Sophia", "Mia", "Isabella", "Ava", "Evelyn", "Luna", "Harper", "Camila",
    "Sofía", "Scarlett", "Elizabeth", "Eleanor", "Emily", "Chloe", "Mila", "Violet", "Penelope", "Gianna", "Aria",
    "Abigail", "Ella", "Avery", "Hazel", "Nora", "Layla", "Lily", "Aurora", "Nova", "Ellie", "Madison", "Grace", "Isla",
    "Willow", "Zoë", "Riley", "Stella", "Eliana", "Ivy", "Victoria", "Emilia", "Zoey", "Naomi", "Hannah", "Lucy",
    "Elena", "Lillian", "Maya", "Leah", "Paisley", "Addison", "Natalie", "Valentina", "Ximena", "Renée", "María José",
    "Guadalupe", "Aaliyah", "Imani", "Nia", "Keisha", "D'Asia", "Anne-Marie", "Mei", "Priya", "Thuy", "Yuki", "Fatima",
    "Chloé-Anne",
];
#[rustfmt::skip]
pub(super) const MALE: [&str; 72] = [
    "Liam", "Noah", "Oliver", "James", "Elijah", "Mateo", "Theodore", "Henry", "Lucas", "William", "Benjamin", "Levi",
    "Sebastian", "Jack", "Ezra", "Michael", "Daniel", "Leo", "Owen", "Samuel", "Hudson", "Alexander", "Asher", "Luca",
    "Ethan", "John", "David", "Jackson", "Joseph", "Mason", "Luke", "Matthew", "Julian", "Dylan", "Elias", "Jacob",
    "Maverick", "Gabriel", "Logan", "Aiden", "Thomas", "Isaac", "Miles", "Grayson", "Santiago", "Anthony", "Wyatt",
    "Carter", "Jayden", "Ezekiel", "Caleb", "Cooper", "Josiah", "Charles", "Christopher", "Isaiah", "Nolan", "Cameron",
    "José", "Jesús", "Ángel", "Andrés", "Jean-Luc", "D'Angelo", "DeShawn", "Malik", "Tyrone", "Wei", "Arjun", "Minh",
    "Omar", "Kai",
];
#[rustfmt::skip]
pub(super) const LAST: [&str; 128] = [
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Thomas", "Taylor",
    "Moore", "Jackson", "Martin", "Lee", "Thompson", "White", "Harris", "Clark", "Lewis", "Robinson", "Walker", "Young",
    "Allen", "King", "Wright", "Scott", "Hill", "Green", "Adams", "Nelson", "Baker", "Hall", "Campbell", "Mitchell",
    "Carter", "Roberts", "Phillips", "Evans", "Turner", "Parker", "Collins", "Edwards", "Stewart", "Morris", "Murphy",
    "Cook", "Rogers", "Morgan", "Cooper", "Peterson", "Bailey", "Reed", "Kelly", "Howard", "Ward", "Cox", "Richardson",
    "Watson", "Brooks", "Wood", "Bennett", "Gray", "Hughes", "O'Brien", "O'Connor", "McDonald", "Smith-Jones",
    "Van Dyke", "St. Clair", "Müller", "Larsen", "Kowalski", "Begay", "Yazzie", "Washington", "Jefferson", "Banks",
    "Booker", "Gaines", "García", "Rodríguez", "Martínez", "Hernández", "López", "González", "Pérez", "Sánchez",
    "Ramírez", "Torres", "Flores", "Rivera", "Gómez", "Díaz", "Reyes", "Cruz", "Morales", "Ortiz", "Gutiérrez",
    "Chávez", "Ramos", "Ruiz", "Mendoza", "Álvarez", "Castillo", "Jiménez", "Vásquez", "Romero", "Moreno", "Herrera",
    "De La Cruz", "Muñoz", "Peña", "García-López", "Núñez", "Nguyen", "Tran", "Kim", "Patel", "Chen", "Wang", "Singh",
    "Park", "Pham", "Khan", "Yang", "Vang", "Ali",
];
/// Where the Hispanic and the Asian last names begin in [`LAST`].
const HISPANIC: usize = 80;
const ASIAN: usize = 115;

/// Index of a first name in its list.
pub(super) fn first(dice: &mut Dice) -> u8 {
    // The lists begin with the most common names.
    dice.below(72).min(dice.below(96)) as u8
}

/// Index of a last name typical of an ethnicity.
pub(super) fn last(hispanic: bool, asian: bool, dice: &mut Dice) -> u8 {
    let (start, end) = match (hispanic, asian) {
        (true, _) if dice.chance(0.85) => (HISPANIC, ASIAN),
        (_, true) if dice.chance(0.85) => (ASIAN, LAST.len()),
        _ => (0, HISPANIC),
    };
    let many = (end - start) as u32;
    (start as u32 + dice.below(many).min(dice.below(many * 4 / 3))) as u8
}

/// The first name with this index.
pub(super) fn first_name(female: bool, index: u8) -> &'static str {
    if female { FEMALE[index as usize] } else { MALE[index as usize] }
}
