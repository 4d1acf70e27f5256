-- The tables of the data model, for PostgreSQL. Generated from the declarations in src/model; do not edit.
-- Every end, exit and expiration is the first day not included. Lists are tables of their own, named after
-- table and member. Constraints are in constraints.sql.

create table organization (
    org_id text not null,
    org_type text not null,
    name text not null,
    parent_org_id text,
    state_org_id text,
    nces_id text,
    school_level text,
    grade_low text,
    grade_high text,
    status text,
    open_date date,
    close_date date,
    is_charter boolean,
    is_title1 boolean,
    locale text
);
comment on table organization is 'A state, district, school or other organization; the parent link makes the hierarchy.';
comment on column organization.org_id is 'Id of the organization (OneRoster sourcedId, Ed-Fi educationOrganizationId, SIS school number).';
comment on column organization.org_type is 'Kind of organization.';
comment on column organization.name is 'Its name.';
comment on column organization.parent_org_id is 'The organization above; a school has one.';
comment on column organization.state_org_id is 'State code of the organization (CDS code, campus id).';
comment on column organization.nces_id is 'NCES id: 7 digits for a district, 12 for a school.';
comment on column organization.school_level is 'The level it teaches.';
comment on column organization.grade_low is 'Lowest grade.';
comment on column organization.grade_high is 'Highest grade.';
comment on column organization.status is 'Operational status; active by default.';
comment on column organization.open_date is 'First day it was open.';
comment on column organization.close_date is 'First day closed (exclusive).';
comment on column organization.is_charter is 'Whether it is a charter school.';
comment on column organization.is_title1 is 'Whether it has a Title I program.';
comment on column organization.locale is 'NCES locale / urbanicity.';

create table academic_session (
    session_id text not null,
    school_id text,
    school_year smallint not null,
    session_type text not null,
    title text not null,
    begin_date date not null,
    end_date date not null,
    parent_session_id text,
    instructional_days integer
);
comment on table academic_session is 'A school year, semester, term or grading period over [begin_date, end_date).';
comment on column academic_session.session_id is 'The session.';
comment on column academic_session.school_id is 'The school; empty for sessions of the whole district.';
comment on column academic_session.school_year is 'The school year, named by its spring.';
comment on column academic_session.session_type is 'Kind of session.';
comment on column academic_session.title is 'Title.';
comment on column academic_session.begin_date is 'First day.';
comment on column academic_session.end_date is 'First day after it ends (exclusive).';
comment on column academic_session.parent_session_id is 'The session it is part of.';
comment on column academic_session.instructional_days is 'School days within it.';

create table calendar_day (
    calendar_id text not null,
    school_id text not null,
    school_year smallint not null,
    date date not null,
    day_type text not null,
    is_instructional boolean not null,
    membership_value numeric(10, 4),
    bell_schedule text
);
comment on table calendar_day is 'A day of a school''s calendar; only days of instruction count as days enrolled.';
comment on column calendar_day.calendar_id is 'The calendar or track.';
comment on column calendar_day.school_id is 'The school.';
comment on column calendar_day.school_year is 'The school year, named by its spring.';
comment on column calendar_day.date is 'The day.';
comment on column calendar_day.day_type is 'Kind of day.';
comment on column calendar_day.is_instructional is 'Whether there is instruction (regular or made up).';
comment on column calendar_day.membership_value is 'Membership that the day counts as, 0 to 1; 1 by default.';
comment on column calendar_day.bell_schedule is 'Bell schedule of the day.';

create table student (
    student_id text not null,
    state_student_id text,
    first_name text not null,
    middle_name text,
    last_name text not null,
    suffix text,
    birth_date date,
    sex text,
    is_hispanic boolean,
    race_declined boolean,
    home_language text,
    first_us_school_date date,
    grade9_entry_year integer,
    grade_level text,
    is_enabled boolean
);
comment on table student is 'A student as a person; time-varying data is in `student_status` and `school_enrollment`.';
comment on column student.student_id is 'The student.';
comment on column student.state_student_id is 'The state''s number for the student.';
comment on column student.first_name is 'First name.';
comment on column student.middle_name is 'Middle name.';
comment on column student.last_name is 'Last name.';
comment on column student.suffix is 'Generation suffix, such as Jr.';
comment on column student.birth_date is 'Birth date.';
comment on column student.sex is 'Sex as recorded.';
comment on column student.is_hispanic is 'Hispanic or Latino ethnicity, asked apart from race; empty when not reported.';
comment on column student.race_declined is 'Whether the question about race was declined.';
comment on column student.home_language is 'Language spoken at home (ISO 639).';
comment on column student.first_us_school_date is 'First us school date.';
comment on column student.grade9_entry_year is 'ACGR cohort.';
comment on column student.grade_level is 'Current grade according to the source; the enrollment takes precedence.';
comment on column student.is_enabled is 'Whether the record is active in the source.';

create table student_race (
    student_id text not null,
    race text not null
);
comment on table student_race is 'Races reported; empty when none was.';

create table student_status (
    status_id text not null,
    student_id text not null,
    org_id text,
    status_type text not null,
    status_value text not null,
    begin_date date not null,
    end_date date,
    primary_disability text,
    inferred boolean
);
comment on table student_status is 'A characteristic of a student over the half-open interval [begin_date, end_date); the basis of subgroups.';
comment on column student_status.status_id is 'Id of the row.';
comment on column student_status.student_id is 'The student.';
comment on column student_status.org_id is 'The organization.';
comment on column student_status.status_type is 'Which characteristic.';
comment on column student_status.status_value is 'Its value.';
comment on column student_status.begin_date is 'First day.';
comment on column student_status.end_date is 'First day after it ends (exclusive); empty is open.';
comment on column student_status.primary_disability is 'Primary disability, of an IEP.';
comment on column student_status.inferred is 'Whether the source stated no dates and they were inferred.';

create table school_enrollment (
    enrollment_id text not null,
    student_id text not null,
    school_id text not null,
    school_year smallint not null,
    grade_level text not null,
    entry_date date not null,
    entry_type text,
    exit_date date,
    exit_type text,
    exit_code_raw text,
    status text,
    membership_fte numeric(10, 4),
    calendar_id text,
    residence_org_id text,
    is_no_show boolean,
    is_repeating boolean,
    class_of integer,
    inferred boolean
);
comment on table school_enrollment is 'Membership of a student at a school over the half-open interval [entry_date, exit_date).';
comment on column school_enrollment.enrollment_id is 'Id of the enrollment.';
comment on column school_enrollment.student_id is 'The student.';
comment on column school_enrollment.school_id is 'The school.';
comment on column school_enrollment.school_year is 'The school year, named by its spring.';
comment on column school_enrollment.grade_level is 'Grade of this enrollment.';
comment on column school_enrollment.entry_date is 'First day of membership.';
comment on column school_enrollment.entry_type is 'How the student entered.';
comment on column school_enrollment.exit_date is 'First day not enrolled (exclusive); empty is open; equal to entry_date for a no-show.';
comment on column school_enrollment.exit_type is 'Required when exit_date is set.';
comment on column school_enrollment.exit_code_raw is 'Untranslated local code.';
comment on column school_enrollment.status is 'Its role among the enrollments of the student; primary by default.';
comment on column school_enrollment.membership_fte is 'Share of full membership, 0 to 1; full by default.';
comment on column school_enrollment.calendar_id is 'The calendar that counts its days.';
comment on column school_enrollment.residence_org_id is 'The district of residence.';
comment on column school_enrollment.is_no_show is 'Whether the student was expected and never came.';
comment on column school_enrollment.is_repeating is 'Whether the grade is repeated.';
comment on column school_enrollment.class_of is 'Year of expected graduation.';
comment on column school_enrollment.inferred is 'Whether the source stated no dates and they were inferred.';

create table staff (
    staff_id text not null,
    state_staff_id text,
    first_name text not null,
    middle_name text,
    last_name text not null,
    suffix text,
    former_last_name text,
    birth_date date,
    sex text,
    is_hispanic boolean,
    email text,
    username text,
    highest_education text,
    years_experience numeric(10, 4),
    years_experience_district numeric(10, 4),
    is_active boolean
);
comment on table staff is 'An educator or other staff member as a person.';
comment on column staff.staff_id is 'The staff member.';
comment on column staff.state_staff_id is 'The state''s number for the educator.';
comment on column staff.first_name is 'First name.';
comment on column staff.middle_name is 'Middle name.';
comment on column staff.last_name is 'Last name.';
comment on column staff.suffix is 'Generation suffix, such as Jr.';
comment on column staff.former_last_name is 'Former last name: maiden name or alias.';
comment on column staff.birth_date is 'Birth date.';
comment on column staff.sex is 'Sex as recorded.';
comment on column staff.is_hispanic is 'Hispanic or Latino ethnicity, asked apart from race; empty when not reported.';
comment on column staff.email is 'Work e-mail address.';
comment on column staff.username is 'Name to log in with.';
comment on column staff.highest_education is 'Highest education reached (Ed-Fi LevelOfEducation).';
comment on column staff.years_experience is 'Prior professional experience, in years.';
comment on column staff.years_experience_district is 'Experience in this district, in years.';
comment on column staff.is_active is 'Whether it is in use; true by default.';

create table staff_race (
    staff_id text not null,
    race text not null
);
comment on table staff_race is 'Races reported; empty when none was.';

create table staff_employment (
    employment_id text not null,
    staff_id text not null,
    org_id text not null,
    hire_date date not null,
    end_date date,
    employment_status text,
    contract_fte numeric(10, 4),
    days_per_year integer,
    separation_reason text
);
comment on table staff_employment is 'Employment of a staff member over [hire_date, end_date).';
comment on column staff_employment.employment_id is 'Id of the employment.';
comment on column staff_employment.staff_id is 'The staff member.';
comment on column staff_employment.org_id is 'The employer.';
comment on column staff_employment.hire_date is 'First day.';
comment on column staff_employment.end_date is 'First day after it ends (exclusive); empty is open.';
comment on column staff_employment.employment_status is 'Status of the employment.';
comment on column staff_employment.contract_fte is 'Full-time equivalents contracted.';
comment on column staff_employment.days_per_year is 'Contracted days a year.';
comment on column staff_employment.separation_reason is 'Why it ended.';

create table staff_assignment (
    assignment_id text not null,
    staff_id text not null,
    org_id text not null,
    school_year smallint not null,
    role text not null,
    position_title text,
    job_code text,
    subject text,
    grade_low text,
    grade_high text,
    begin_date date not null,
    end_date date,
    fte numeric(10, 4),
    is_primary boolean,
    employment_id text,
    funding text
);
comment on table staff_assignment is 'A role of a staff member at an organization, with its share of full time, over [begin_date, end_date).';
comment on column staff_assignment.assignment_id is 'Id of the assignment.';
comment on column staff_assignment.staff_id is 'The staff member.';
comment on column staff_assignment.org_id is 'The school, or the district for itinerant staff.';
comment on column staff_assignment.school_year is 'The school year, named by its spring.';
comment on column staff_assignment.role is 'The role.';
comment on column staff_assignment.position_title is 'Title of the position.';
comment on column staff_assignment.job_code is 'Local job code.';
comment on column staff_assignment.subject is 'The subject.';
comment on column staff_assignment.grade_low is 'Lowest grade.';
comment on column staff_assignment.grade_high is 'Highest grade.';
comment on column staff_assignment.begin_date is 'First day.';
comment on column staff_assignment.end_date is 'First day after it ends (exclusive); empty is open.';
comment on column staff_assignment.fte is 'Share of full time; 1 is full.';
comment on column staff_assignment.is_primary is 'Whether it is the main one.';
comment on column staff_assignment.employment_id is 'The employment it belongs to.';
comment on column staff_assignment.funding is 'Funding source.';

create table credential (
    credential_id text not null,
    staff_id text not null,
    credential_number text,
    state text,
    credential_type text not null,
    level text,
    status text,
    issue_date date,
    effective_date date,
    expiration_date date,
    revoked_date date
);
comment on table credential is 'A license, certificate, permit or endorsement of a staff member.';
comment on column credential.credential_id is 'The credential.';
comment on column credential.staff_id is 'The holder.';
comment on column credential.credential_number is 'Number printed on it.';
comment on column credential.state is 'Issuing state.';
comment on column credential.credential_type is 'Kind of credential.';
comment on column credential.level is 'Its level.';
comment on column credential.status is 'Its status; active by default.';
comment on column credential.issue_date is 'Day of issue.';
comment on column credential.effective_date is 'First day on which it is valid; without it the day of issue is.';
comment on column credential.expiration_date is 'First day no longer valid (exclusive); empty means it does not expire.';
comment on column credential.revoked_date is 'First day on which it was revoked.';

create table credential_authorization (
    credential_id text not null,
    seq integer not null,
    subject text not null,
    grade_low text not null,
    grade_high text not null,
    population text,
    issue_date date,
    expiration_date date
);
comment on table credential_authorization is 'An authorization of a credential: a subject, a grade span and a population.';
comment on column credential_authorization.credential_id is 'The credential.';
comment on column credential_authorization.seq is 'Counts the authorizations of a credential.';
comment on column credential_authorization.subject is 'The subject.';
comment on column credential_authorization.grade_low is 'Lowest grade covered.';
comment on column credential_authorization.grade_high is 'Highest grade covered.';
comment on column credential_authorization.population is 'Population it covers; general by default.';
comment on column credential_authorization.issue_date is 'Day of issue.';
comment on column credential_authorization.expiration_date is 'First day after it ends (exclusive).';

create table course (
    course_id text not null,
    org_id text not null,
    course_code text,
    title text not null,
    subject text,
    state_course_code text,
    credits numeric(10, 4),
    level text,
    is_core boolean,
    school_year smallint
);
comment on table course is 'A course of the catalog.';
comment on column course.course_id is 'The course.';
comment on column course.org_id is 'The district or school that offers it.';
comment on column course.course_code is 'Local code of the course.';
comment on column course.title is 'Title.';
comment on column course.subject is 'The subject.';
comment on column course.state_course_code is 'State code / SCED.';
comment on column course.credits is 'Max available credits.';
comment on column course.level is 'Level of the course.';
comment on column course.is_core is 'Counts as core for early warning / on-track.';
comment on column course.school_year is 'The school year, named by its spring.';

create table course_grade (
    course_id text not null,
    grade text not null
);
comment on table course_grade is 'Grades it is meant for.';

create table section (
    section_id text not null,
    course_id text not null,
    school_id text not null,
    school_year smallint not null,
    title text,
    section_type text,
    room text,
    delivery text,
    population text,
    max_enrollment integer,
    credits numeric(10, 4),
    is_active boolean
);
comment on table section is 'A scheduled section of a course (OneRoster class).';
comment on column section.section_id is 'The section.';
comment on column section.course_id is 'The course.';
comment on column section.school_id is 'The school.';
comment on column section.school_year is 'The school year, named by its spring.';
comment on column section.title is 'Title.';
comment on column section.section_type is 'Kind of section; scheduled by default.';
comment on column section.room is 'Room.';
comment on column section.delivery is 'How it is delivered; in person by default.';
comment on column section.population is 'Population it serves; general by default.';
comment on column section.max_enrollment is 'Seats.';
comment on column section.credits is 'Credits, where they differ from the course''s.';
comment on column section.is_active is 'Whether it is in use; true by default.';

create table section_session (
    section_id text not null,
    session_id text not null
);
comment on table section_session is 'The sessions it meets in.';

create table section_period (
    section_id text not null,
    period text not null
);
comment on table section_period is 'Bell periods.';

create table section_staff (
    section_staff_id text not null,
    staff_id text not null,
    section_id text not null,
    role text not null,
    is_primary boolean,
    begin_date date,
    end_date date,
    allocation numeric(10, 4)
);
comment on table section_staff is 'A staff member assigned to a section over [begin_date, end_date).';
comment on column section_staff.section_staff_id is 'Id of the row.';
comment on column section_staff.staff_id is 'The staff member.';
comment on column section_staff.section_id is 'The section.';
comment on column section_staff.role is 'The role.';
comment on column section_staff.is_primary is 'Whether it is the main one.';
comment on column section_staff.begin_date is 'First day.';
comment on column section_staff.end_date is 'First day after it ends (exclusive); empty is open.';
comment on column section_staff.allocation is 'Share of the instruction that is theirs, 0 to 1.';

create table section_enrollment (
    section_enrollment_id text not null,
    student_id text not null,
    section_id text not null,
    school_id text,
    begin_date date,
    end_date date,
    is_homeroom boolean,
    is_dropped boolean
);
comment on table section_enrollment is 'A student on the roster of a section over [begin_date, end_date).';
comment on column section_enrollment.section_enrollment_id is 'Id of the row.';
comment on column section_enrollment.student_id is 'The student.';
comment on column section_enrollment.section_id is 'The section.';
comment on column section_enrollment.school_id is 'The school according to the source; rollcall uses the section''s school.';
comment on column section_enrollment.begin_date is 'First day; without it the section''s sessions begin it.';
comment on column section_enrollment.end_date is 'First day after it ends (exclusive); if empty, it ends with the section''s sessions.';
comment on column section_enrollment.is_homeroom is 'Whether it is the student''s homeroom.';
comment on column section_enrollment.is_dropped is 'Whether the student dropped the section; such rows are stored but do not count.';

create table assessment (
    assessment_id text not null,
    family text,
    title text not null,
    subject text not null,
    category text not null,
    period text,
    school_year smallint,
    window_begin date,
    window_end date,
    score_min numeric(9, 3),
    score_max numeric(9, 3),
    score_type text,
    is_accountability boolean
);
comment on table assessment is 'An assessment: one row per assessment, subject and administration.';
comment on column assessment.assessment_id is 'The assessment.';
comment on column assessment.family is 'Family of assessments with comparable scores.';
comment on column assessment.title is 'Title.';
comment on column assessment.subject is 'The subject.';
comment on column assessment.category is 'Kind of assessment.';
comment on column assessment.period is 'Testing window within the year.';
comment on column assessment.school_year is 'The school year, named by its spring.';
comment on column assessment.window_begin is 'First day of the testing window.';
comment on column assessment.window_end is 'First day after the testing window.';
comment on column assessment.score_min is 'Minimum score.';
comment on column assessment.score_max is 'Maximum score.';
comment on column assessment.score_type is 'Type of its scores.';
comment on column assessment.is_accountability is 'Counts for participation and proficiency.';

create table assessment_grade (
    assessment_id text not null,
    grade text not null
);
comment on table assessment_grade is 'Grades it is meant for.';

create table assessment_cut (
    assessment_id text not null,
    grade text not null,
    level_code text not null,
    level_rank integer not null,
    min_score numeric(9, 3) not null,
    max_score numeric(9, 3),
    is_proficient boolean not null
);
comment on table assessment_cut is 'The cut score of one performance level for one grade, so that proficiency is recomputed and not trusted.';
comment on column assessment_cut.assessment_id is 'The assessment.';
comment on column assessment_cut.grade is 'The grade; OTHER applies to every grade without its own cuts.';
comment on column assessment_cut.level_code is 'Code of the performance level.';
comment on column assessment_cut.level_rank is '1 = lowest.';
comment on column assessment_cut.min_score is 'Inclusive.';
comment on column assessment_cut.max_score is 'Inclusive.';
comment on column assessment_cut.is_proficient is 'Whether it counts as proficient.';

create table assessment_result (
    result_id text not null,
    student_id text not null,
    assessment_id text not null,
    school_id text,
    school_year smallint not null,
    administration_date date,
    grade_level text,
    participation text not null,
    score numeric(9, 3),
    score_type text,
    level_code text,
    is_proficient boolean,
    is_retest boolean,
    standard_error numeric(9, 3)
);
comment on table assessment_result is 'One student''s result on one administration of an assessment.';
comment on column assessment_result.result_id is 'Id of the result.';
comment on column assessment_result.student_id is 'The student.';
comment on column assessment_result.assessment_id is 'The assessment.';
comment on column assessment_result.school_id is 'The school that reports it.';
comment on column assessment_result.school_year is 'The school year, named by its spring.';
comment on column assessment_result.administration_date is 'Day of the test.';
comment on column assessment_result.grade_level is 'Grade when tested.';
comment on column assessment_result.participation is 'Whether the student was tested, and if not, why.';
comment on column assessment_result.score is 'The score; tested students have one.';
comment on column assessment_result.score_type is 'Type of the score.';
comment on column assessment_result.level_code is 'Performance level as reported.';
comment on column assessment_result.is_proficient is 'Proficiency as reported; published proficiency is recomputed from the cuts.';
comment on column assessment_result.is_retest is 'Whether it repeats an earlier test; such results are left out of rates.';
comment on column assessment_result.standard_error is 'Standard error of the score.';

create table assessment_result_accommodation (
    result_id text not null,
    accommodation text not null
);
comment on table assessment_result_accommodation is 'Accommodations given.';

create table program (
    program_id text not null,
    org_id text not null,
    name text not null,
    program_type text not null,
    target_subject text,
    begin_date date,
    end_date date
);
comment on table program is 'A program or intervention that students take part in.';
comment on column program.program_id is 'The program.';
comment on column program.org_id is 'The organization that runs it.';
comment on column program.name is 'Its name.';
comment on column program.program_type is 'Kind of program.';
comment on column program.target_subject is 'The subject whose scores measure its effect.';
comment on column program.begin_date is 'First day.';
comment on column program.end_date is 'First day after it ends (exclusive); empty is open.';

create table program_participation (
    participation_id text not null,
    student_id text not null,
    program_id text not null,
    school_id text,
    begin_date date not null,
    end_date date,
    arm text,
    dosage_minutes integer,
    exit_reason text
);
comment on table program_participation is 'A student in a program over [begin_date, end_date), with the treatment or comparison group.';
comment on column program_participation.participation_id is 'Id of the participation.';
comment on column program_participation.student_id is 'The student.';
comment on column program_participation.program_id is 'The program.';
comment on column program_participation.school_id is 'The school.';
comment on column program_participation.begin_date is 'First day.';
comment on column program_participation.end_date is 'First day after it ends (exclusive); empty is open.';
comment on column program_participation.arm is 'Treatment or comparison group in the evaluation; treatment by default.';
comment on column program_participation.dosage_minutes is 'Minutes received.';
comment on column program_participation.exit_reason is 'Why the student left the program.';

create table staffing_standard (
    standard_id text not null,
    org_id text not null,
    school_level text,
    grade_low text,
    grade_high text,
    role text not null,
    max_students_per_fte numeric(10, 4),
    min_fte numeric(10, 4),
    max_section_size integer,
    effective_from date
);
comment on table staffing_standard is 'The staffing that a district requires of its schools, or a school of itself.';
comment on column staffing_standard.standard_id is 'The standard.';
comment on column staffing_standard.org_id is 'The district, or the school with its own standard.';
comment on column staffing_standard.school_level is 'Level of the schools it applies to; all by default.';
comment on column staffing_standard.grade_low is 'Lowest grade; not used, standards apply to whole schools.';
comment on column staffing_standard.grade_high is 'Highest grade; not used, standards apply to whole schools.';
comment on column staffing_standard.role is 'The role.';
comment on column staffing_standard.max_students_per_fte is 'Maximum students per full-time equivalent of the role.';
comment on column staffing_standard.min_fte is 'Minimum full-time equivalents of the role.';
comment on column staffing_standard.max_section_size is 'Maximum students in a section.';
comment on column staffing_standard.effective_from is 'First day; always by default.';

create table code_map (
    source text not null,
    code_set text not null,
    source_code text not null,
    canonical_code text not null,
    begin_date date,
    end_date date
);
comment on table code_map is 'A local code and its standard code. Rows keep the code that was sent; all computations use the standard code as soon as the map is known.';
comment on column code_map.source is 'The system that the code comes from; maps of all systems are used.';
comment on column code_map.code_set is 'The code set, such as ExitType.';
comment on column code_map.source_code is 'The local code.';
comment on column code_map.canonical_code is 'The standard code of the set.';
comment on column code_map.begin_date is 'First day on which the code may be used. The map applies to all days; REF-006 reports earlier use.';
comment on column code_map.end_date is 'First day on which the code may no longer be used (exclusive). The map applies to all days; REF-006 reports later use.';

create table rule_config (
    rule_id text not null,
    scope_org_id text not null,
    enabled boolean not null,
    severity text,
    params text,
    effective_from date,
    effective_to date,
    reason text
);
comment on table rule_config is 'Configuration of a rule: switched off, or with another severity, everywhere or for one organization, over [effective_from, effective_to).';
comment on column rule_config.rule_id is 'The rule, such as ENR-003.';
comment on column rule_config.scope_org_id is 'The organization, or `*` for all.';
comment on column rule_config.enabled is 'Whether the rule counts; a rule that does not is waived.';
comment on column rule_config.severity is 'Severity instead of the rule''s own.';
comment on column rule_config.params is 'Parameters; not used, thresholds are set in rollcall.toml.';
comment on column rule_config.effective_from is 'First day.';
comment on column rule_config.effective_to is 'First day no longer in effect (exclusive): the end of a waiver.';
comment on column rule_config.reason is 'The reason.';

create table clock (
    clock_id text not null,
    school_year smallint not null,
    date date not null
);
comment on table clock is 'Days that rules refer to: `as_of`, census days, windows.';
comment on column clock.clock_id is '`as_of`, `census_fall`, `window_open:<x>` or `window_close:<x>`.';
comment on column clock.school_year is 'The school year, named by its spring.';
comment on column clock.date is 'The day.';
