//! Writes a district as OneRoster CSV: the part of our tables that the format covers, for one school year, in full.
//! Tests read it back, and it shows what a delivery looks like.

use csv::Writer;
use rollcall_model::{Date, SchoolYear, Table, fields::items};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Rows of tables: for each table, the texts of all columns.
pub type Tables = BTreeMap<Table, Vec<Vec<String>>>;

/// A version of OneRoster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Roles and organizations are columns of the user.
    V1p1,
    /// Roles have a separate file, with dates.
    V1p2,
}

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The version.
    pub version: Version,
    /// The school year to write.
    pub school_year: SchoolYear,
    /// Whether end dates are the last day; otherwise they are the first day after, as in the standard.
    pub has_inclusive_ends: bool,
}

/// All files of the standard, with the first version that has them.
const FILES: [(&str, Version); 21] = [
    ("academicSessions", Version::V1p1),
    ("categories", Version::V1p1),
    ("classes", Version::V1p1),
    ("classResources", Version::V1p1),
    ("courses", Version::V1p1),
    ("courseResources", Version::V1p1),
    ("demographics", Version::V1p1),
    ("enrollments", Version::V1p1),
    ("lineItemLearningObjectiveIds", Version::V1p2),
    ("lineItems", Version::V1p1),
    ("lineItemScoreScales", Version::V1p2),
    ("orgs", Version::V1p1),
    ("resources", Version::V1p1),
    ("resultLearningObjectiveIds", Version::V1p2),
    ("results", Version::V1p1),
    ("resultScoreScales", Version::V1p2),
    ("roles", Version::V1p2),
    ("scoreScales", Version::V1p2),
    ("userProfiles", Version::V1p2),
    ("userResources", Version::V1p2),
    ("users", Version::V1p1),
];

/// Writes one file after the other; `open` returns the writer for a file name.
pub fn write<W: Write>(
    tables: &Tables,
    options: &Options,
    mut open: impl FnMut(&'static str) -> io::Result<W>,
) -> io::Result<()> {
    let export = Export::new(tables, *options);
    let files = export.files();
    let mut manifest = Writer::from_writer(open("manifest.csv")?);
    manifest.write_record(["propertyName", "value"])?;
    let version = if options.version == Version::V1p1 { "1.1" } else { "1.2" };
    manifest.write_record(["manifest.version", "1.0"])?;
    manifest.write_record(["oneroster.version", version])?;
    for (stem, since) in FILES {
        if since == Version::V1p1 || options.version == Version::V1p2 {
            let is_there = files.iter().any(|file| file.name.strip_suffix(".csv") == Some(stem));
            manifest.write_record([format!("file.{stem}").as_str(), if is_there { "bulk" } else { "absent" }])?;
        }
    }
    manifest.write_record(["source.systemName", "rollcall"])?;
    manifest.write_record(["source.systemCode", "rollcall"])?;
    manifest.write_record(["rollcall.endDates", if options.has_inclusive_ends { "inclusive" } else { "exclusive" }])?;
    manifest.write_record(["rollcall.schoolYear", &options.school_year.to_string()])?;
    manifest.flush()?;
    for file in files {
        let mut out = Writer::from_writer(open(file.name)?);
        out.write_record(&file.columns)?;
        for row in file.rows {
            let text = |column: &&str| row.iter().find(|(name, _)| name == column).map_or("", |(_, text)| text.as_str());
            out.write_record(file.columns.iter().map(text))?;
        }
        out.flush()?;
    }
    Ok(())
}

/// A file: its columns in the order of the standard, and its rows.
struct File {
    name: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<(&'static str, String)>>,
}

/// A row of one of our tables.
#[derive(Clone, Copy)]
struct Row<'t> {
    table: Table,
    fields: &'t [String],
}

impl<'t> Row<'t> {
    fn get(self, column: &str) -> &'t str {
        self.table.spec().column(column).and_then(|column| self.fields.get(column)).map_or("", String::as_str)
    }

    fn is_not(self, column: &str) -> bool {
        self.get(column).eq_ignore_ascii_case("false")
    }
}

/// The first columns of every file.
const COMMON: [&str; 3] = ["sourcedId", "status", "dateLastModified"];

struct Export<'t> {
    tables: &'t Tables,
    options: Options,
    year: String,
    /// Memberships of the year, by person.
    enrollments: BTreeMap<&'t str, Vec<Row<'t>>>,
    assignments: BTreeMap<&'t str, Vec<Row<'t>>>,
}

impl<'t> Export<'t> {
    fn new(tables: &'t Tables, options: Options) -> Export<'t> {
        let year = options.school_year.to_string();
        let mut export = Export { tables, options, year, enrollments: BTreeMap::new(), assignments: BTreeMap::new() };
        for row in export.of_year(Table::SchoolEnrollment) {
            export.enrollments.entry(row.get("student_id")).or_default().push(row);
        }
        for row in export.of_year(Table::StaffAssignment) {
            export.assignments.entry(row.get("staff_id")).or_default().push(row);
        }
        // The primary one first: 1.1 has no other way to state it.
        for rows in export.enrollments.values_mut() {
            rows.sort_by_key(|row| !matches!(row.get("status"), "" | "primary"));
        }
        export
    }

    fn rows(&self, table: Table) -> impl Iterator<Item = Row<'t>> + use<'t> {
        self.tables.get(&table).into_iter().flatten().map(move |fields| Row { table, fields })
    }

    fn of_year(&self, table: Table) -> Vec<Row<'t>> {
        self.rows(table).filter(|row| row.get("school_year") == self.year).collect()
    }

    fn files(&self) -> Vec<File> {
        let file = |name, columns: &[&'static str], rows| File { name, columns: [&COMMON, columns].concat(), rows };
        let is_later = self.options.version == Version::V1p2;
        let with_users: &[&str] = if is_later { &["enabledUser"] } else { &["enabledUser", "orgSourcedIds", "role"] };
        let user_columns = [
            "username",
            "userIds",
            "givenName",
            "familyName",
            "middleName",
            "identifier",
            "email",
            "sms",
            "phone",
            "agentSourcedIds",
            "grades",
            "password",
        ];
        let of_later: &[&str] = match is_later {
            true => &[
                "userMasterIdentifier",
                "resourceSourcedIds",
                "preferredGivenName",
                "preferredMiddleName",
                "preferredFamilyName",
                "primaryOrgSourcedId",
                "pronouns",
            ],
            false => &[],
        };
        let mut files = vec![
            file("orgs.csv", &["name", "type", "identifier", "parentSourcedId"], self.orgs()),
            file(
                "academicSessions.csv",
                &["title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"],
                self.sessions(),
            ),
            file(
                "courses.csv",
                &["schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"],
                self.courses(),
            ),
            file(
                "classes.csv",
                &[
                    "title",
                    "grades",
                    "courseSourcedId",
                    "classCode",
                    "classType",
                    "location",
                    "schoolSourcedId",
                    "termSourcedIds",
                    "subjects",
                    "subjectCodes",
                    "periods",
                ],
                self.classes(),
            ),
            file("users.csv", &[with_users, &user_columns, of_later].concat(), self.users()),
            file(
                "demographics.csv",
                &[
                    "birthDate",
                    "sex",
                    "americanIndianOrAlaskaNative",
                    "asian",
                    "blackOrAfricanAmerican",
                    "nativeHawaiianOrOtherPacificIslander",
                    "white",
                    "demographicRaceTwoOrMoreRaces",
                    "hispanicOrLatinoEthnicity",
                    "countryOfBirthCode",
                    "stateOfBirthAbbreviation",
                    "cityOfBirth",
                    "publicSchoolResidenceStatus",
                ],
                self.demographics(),
            ),
            file(
                "enrollments.csv",
                &["classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"],
                self.enrollments(),
            ),
        ];
        if is_later {
            let columns =
                ["userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"];
            files.push(file("roles.csv", &columns, self.roles()));
        }
        files
    }

    fn orgs(&self) -> Vec<Vec<(&'static str, String)>> {
        let org = |row: Row<'_>| {
            let kind = match row.get("org_type") {
                kind @ ("state" | "district" | "school" | "department") => kind.to_owned(),
                other => beyond(other),
            };
            let identifier = [row.get("nces_id"), row.get("state_org_id")].into_iter().find(|id| !id.is_empty());
            vec![
                ("sourcedId", row.get("org_id").to_owned()),
                ("name", row.get("name").to_owned()),
                ("type", kind),
                ("identifier", identifier.unwrap_or("").to_owned()),
                ("parentSourcedId", row.get("parent_org_id").to_owned()),
            ]
        };
        self.rows(Table::Organization).map(org).collect()
    }

    fn sessions(&self) -> Vec<Vec<(&'static str, String)>> {
        let session = |row: Row<'_>| {
            let kind = match row.get("session_type") {
                "school_year" => "schoolYear".to_owned(),
                "grading_period" => "gradingPeriod".to_owned(),
                kind @ ("semester" | "term") => kind.to_owned(),
                other => beyond(other),
            };
            vec![
                ("sourcedId", row.get("session_id").to_owned()),
                ("title", row.get("title").to_owned()),
                ("type", kind),
                ("startDate", row.get("begin_date").to_owned()),
                ("endDate", self.end(row.get("end_date"))),
                ("parentSourcedId", row.get("parent_session_id").to_owned()),
                ("schoolYear", row.get("school_year").to_owned()),
            ]
        };
        self.of_year(Table::AcademicSession).into_iter().map(session).collect()
    }

    fn courses(&self) -> Vec<Vec<(&'static str, String)>> {
        let sessions = self.of_year(Table::AcademicSession);
        let year =
            sessions.iter().find(|row| row.get("session_type") == "school_year").map_or("", |row| row.get("session_id"));
        let course = |row: Row<'_>| {
            let of_year = if row.get("school_year").is_empty() { "" } else { year };
            vec![
                ("sourcedId", row.get("course_id").to_owned()),
                ("schoolYearSourcedId", of_year.to_owned()),
                ("title", row.get("title").to_owned()),
                ("courseCode", row.get("course_code").to_owned()),
                ("grades", list(row.get("grades"))),
                ("orgSourcedId", row.get("org_id").to_owned()),
                ("subjects", row.get("subject").to_owned()),
                ("subjectCodes", row.get("state_course_code").to_owned()),
            ]
        };
        let is_of_year = |row: &Row<'_>| ["", &self.year].contains(&row.get("school_year"));
        self.rows(Table::Course).filter(is_of_year).map(course).collect()
    }

    fn classes(&self) -> Vec<Vec<(&'static str, String)>> {
        let class = |row: Row<'_>| {
            let kind = match row.get("section_type") {
                "" => "scheduled".to_owned(),
                kind @ ("homeroom" | "scheduled") => kind.to_owned(),
                other => beyond(other),
            };
            vec![
                ("sourcedId", row.get("section_id").to_owned()),
                ("title", row.get("title").to_owned()),
                ("courseSourcedId", row.get("course_id").to_owned()),
                ("classType", kind),
                ("location", row.get("room").to_owned()),
                ("schoolSourcedId", row.get("school_id").to_owned()),
                ("termSourcedIds", list(row.get("session_ids"))),
                ("periods", list(row.get("periods"))),
            ]
        };
        self.of_year(Table::Section).into_iter().map(class).collect()
    }

    /// Students and staff with a membership in the year.
    fn people(&self) -> Vec<(Row<'t>, &[Row<'t>])> {
        let of = |table: Table, id: &'static str| {
            let memberships = if table == Table::Student { &self.enrollments } else { &self.assignments };
            self.rows(table).filter_map(move |row| Some((row, memberships.get(row.get(id))?.as_slice())))
        };
        of(Table::Student, "student_id").chain(of(Table::Staff, "staff_id")).collect()
    }

    fn users(&self) -> Vec<Vec<(&'static str, String)>> {
        let mut users = Vec::new();
        for (row, memberships) in self.people() {
            let is_student = row.table == Table::Student;
            let [id, state, enabled] = match is_student {
                true => ["student_id", "state_student_id", "is_enabled"],
                false => ["staff_id", "state_staff_id", "is_active"],
            };
            let grades = match row.get("grade_level") {
                "" => memberships.last().map_or("", |row| row.get("grade_level")),
                grade => grade,
            };
            let (id, state) = (row.get(id), row.get(state));
            let username = if is_student { id } else { row.get("username") };
            let user = vec![
                ("sourcedId", id.to_owned()),
                ("enabledUser", (!row.is_not(enabled)).to_string()),
                ("username", username.to_owned()),
                ("userIds", if state.is_empty() { String::new() } else { format!("{{stateId:{state}}}") }),
                ("givenName", row.get("first_name").to_owned()),
                ("familyName", row.get("last_name").to_owned()),
                ("middleName", row.get("middle_name").to_owned()),
                ("email", row.get("email").to_owned()),
                ("grades", grades.to_owned()),
            ];
            if self.options.version == Version::V1p2 {
                users.push(user);
                continue;
            }
            // A user in 1.1 has one role; a person with several gets a row for each.
            let roles: BTreeSet<String> = memberships.iter().map(|of| self.role(*of)).collect();
            for role in roles {
                let mut orgs: Vec<&str> = Vec::new();
                for of in memberships.iter().filter(|of| self.role(**of) == role) {
                    let org = of.get(if is_student { "school_id" } else { "org_id" });
                    if !orgs.contains(&org) {
                        orgs.push(org);
                    }
                }
                users.push([user.clone(), vec![("role", role), ("orgSourcedIds", orgs.join(","))]].concat());
            }
        }
        users
    }

    /// The role of a membership.
    fn role(&self, membership: Row<'_>) -> String {
        if membership.table == Table::SchoolEnrollment {
            return "student".to_owned();
        }
        match (membership.get("role"), self.options.version) {
            (role, _) if role.starts_with("teacher") => "teacher".to_owned(),
            ("para_instructional", _) => "aide".to_owned(),
            ("principal", Version::V1p1) => "administrator".to_owned(),
            (role @ ("principal" | "counselor"), Version::V1p2) => role.to_owned(),
            ("lea_admin", Version::V1p2) => "districtAdministrator".to_owned(),
            (other, _) => beyond(other),
        }
    }

    fn roles(&self) -> Vec<Vec<(&'static str, String)>> {
        let mut roles = Vec::new();
        for (_, memberships) in self.people() {
            for of in memberships {
                let [id, person, org, begin, end] = match of.table {
                    Table::SchoolEnrollment => ["enrollment_id", "student_id", "school_id", "entry_date", "exit_date"],
                    _ => ["assignment_id", "staff_id", "org_id", "begin_date", "end_date"],
                };
                let is_first = match of.table {
                    Table::SchoolEnrollment => matches!(of.get("status"), "" | "primary"),
                    _ => !of.is_not("is_primary"),
                };
                roles.push(vec![
                    ("sourcedId", of.get(id).to_owned()),
                    ("userSourcedId", of.get(person).to_owned()),
                    ("roleType", if is_first { "primary" } else { "secondary" }.to_owned()),
                    ("role", self.role(*of)),
                    ("beginDate", of.get(begin).to_owned()),
                    ("endDate", self.end(of.get(end))),
                    ("orgSourcedId", of.get(org).to_owned()),
                ]);
            }
        }
        roles
    }

    fn demographics(&self) -> Vec<Vec<(&'static str, String)>> {
        let person = |(row, _): (Row<'_>, _)| {
            let races: Vec<&str> = items(row.get("race")).collect();
            // Not asked or not answered: nothing is stated.
            let flag = |race: &str| if races.is_empty() { String::new() } else { races.contains(&race).to_string() };
            let sex = if row.get("sex") == "nonbinary" { "other" } else { row.get("sex") };
            vec![
                ("sourcedId", row.get(if row.table == Table::Student { "student_id" } else { "staff_id" }).to_owned()),
                ("birthDate", row.get("birth_date").to_owned()),
                ("sex", sex.to_owned()),
                ("americanIndianOrAlaskaNative", flag("american_indian")),
                ("asian", flag("asian")),
                ("blackOrAfricanAmerican", flag("black")),
                ("nativeHawaiianOrOtherPacificIslander", flag("pacific_islander")),
                ("white", flag("white")),
                (
                    "demographicRaceTwoOrMoreRaces",
                    if races.is_empty() { String::new() } else { (races.len() > 1).to_string() },
                ),
                ("hispanicOrLatinoEthnicity", row.get("is_hispanic").to_owned()),
            ]
        };
        self.people().into_iter().map(person).collect()
    }

    fn enrollments(&self) -> Vec<Vec<(&'static str, String)>> {
        let sections: BTreeMap<&str, &str> =
            self.of_year(Table::Section).iter().map(|row| (row.get("section_id"), row.get("school_id"))).collect();
        let enrollment = |row: Row<'_>, id: &str, person: &str, role: String, primary: &str| {
            let school = *sections.get(row.get("section_id"))?;
            Some(vec![
                ("sourcedId", row.get(id).to_owned()),
                ("classSourcedId", row.get("section_id").to_owned()),
                ("schoolSourcedId", school.to_owned()),
                ("userSourcedId", row.get(person).to_owned()),
                ("role", role),
                ("primary", primary.to_owned()),
                ("beginDate", row.get("begin_date").to_owned()),
                ("endDate", self.end(row.get("end_date"))),
            ])
        };
        let stays = |row: &Row<'_>| !row.get("is_dropped").eq_ignore_ascii_case("true");
        let students = self.rows(Table::SectionEnrollment).filter(stays);
        let students =
            students.filter_map(|row| enrollment(row, "section_enrollment_id", "student_id", "student".to_owned(), ""));
        let staff = self.rows(Table::SectionStaff).filter_map(|row| {
            let primary = row.get("is_primary");
            let role = match (row.get("role"), primary) {
                ("teacher_of_record", "true" | "") | ("co_teacher", "false") => "teacher".to_owned(),
                ("assistant", _) => "aide".to_owned(),
                (other, _) => beyond(other),
            };
            enrollment(row, "section_staff_id", "staff_id", role, primary)
        });
        students.chain(staff).collect()
    }

    /// An end date as written.
    fn end(&self, text: &str) -> String {
        match Date::parse_iso(text.as_bytes()) {
            Some(end) if self.options.has_inclusive_ends => end.plus(-1).to_string(),
            _ => text.to_owned(),
        }
    }
}

/// A list with the separator of OneRoster.
fn list(text: &str) -> String {
    items(text).collect::<Vec<_>>().join(",")
}

/// A word that the standard does not have, marked as an extension; empty stays empty.
fn beyond(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!("ext:{word}") }
}
