-- What several twins ask for in the same words. The tests load it before the twins, over the current rows in normal form.
-- Nothing in it, nor in a twin, is computed by the library: it is the second opinion on what roles, subjects, school years
-- and names are. Of the library is only the vocabulary (code), which is declared and not computed.

-- Roles that count as a teacher, that require a credential, and whose holders are with students as such.
CREATE TABLE teacher_role (role TEXT PRIMARY KEY);
INSERT INTO teacher_role VALUES
  ('teacher_prek'), ('teacher_k'), ('teacher_elem'), ('teacher_sec'), ('teacher_ungraded'), ('teacher_sped'), ('teacher_el');
CREATE TABLE certificated_role (role TEXT PRIMARY KEY);
INSERT INTO certificated_role SELECT role FROM teacher_role;
INSERT INTO certificated_role VALUES
  ('counselor'), ('psychologist'), ('librarian'), ('nurse'), ('speech_therapist'), ('principal'), ('assistant_principal');
CREATE TABLE student_facing_role (role TEXT PRIMARY KEY);
INSERT INTO student_facing_role SELECT role FROM certificated_role;
INSERT INTO student_facing_role VALUES ('para_instructional'), ('substitute');

-- What an authorization for a subject covers: itself, and English language arts reading and writing. What an elementary
-- generalist may teach in kindergarten to grade 6.
CREATE TABLE subject_cover (authorized TEXT, subject TEXT, PRIMARY KEY (authorized, subject));
INSERT INTO subject_cover SELECT value, value FROM code WHERE code_set = 'Subject';
INSERT INTO subject_cover VALUES ('ela', 'reading'), ('ela', 'writing');
CREATE TABLE generalist_cover (subject TEXT PRIMARY KEY);
INSERT INTO generalist_cover VALUES ('ela'), ('reading'), ('writing'), ('math'), ('science'), ('social_studies');

-- A school year is named by the spring it ends in, and runs from 1 July to 1 July. Days are numbers: day 1 is 0001-01-01, of
-- which the Julian day is 1721425.5.
CREATE TABLE school_year_span (school_year INTEGER PRIMARY KEY, begin_date INTEGER, end_date INTEGER);
INSERT INTO school_year_span
WITH RECURSIVE year (year) AS (SELECT 1900 UNION ALL SELECT year + 1 FROM year WHERE year < 2200)
SELECT
  year,
  CAST(JULIANDAY((year - 1) || '-07-01') - 1721424.5 AS INTEGER),
  CAST(JULIANDAY(year || '-07-01') - 1721424.5 AS INTEGER)
FROM year;

-- How students are counted apart, in the order in which it is published.
CREATE TABLE subgroup (category TEXT, value TEXT, is_reference INTEGER, sort INTEGER);
INSERT INTO subgroup VALUES
  ('all', 'all', 0, 0),
  ('race_ethnicity', 'hispanic', 0, 1),
  ('race_ethnicity', 'american_indian', 0, 2),
  ('race_ethnicity', 'asian', 0, 3),
  ('race_ethnicity', 'black', 0, 4),
  ('race_ethnicity', 'pacific_islander', 0, 5),
  ('race_ethnicity', 'white', 1, 6),
  ('race_ethnicity', 'two_or_more', 0, 7),
  ('race_ethnicity', 'unknown', 0, 8),
  ('sex', 'female', 1, 9),
  ('sex', 'male', 0, 10),
  ('sex', 'nonbinary', 0, 11),
  ('sex', 'unspecified', 0, 12),
  ('sex', 'unknown', 0, 13),
  ('econ', 'no', 1, 14),
  ('econ', 'yes', 0, 15),
  ('el', 'no', 1, 16),
  ('el', 'yes', 0, 17),
  ('iep', 'no', 1, 18),
  ('iep', 'yes', 0, 19),
  ('s504', 'no', 1, 20),
  ('s504', 'yes', 0, 21),
  ('homeless', 'no', 1, 22),
  ('homeless', 'yes', 0, 23),
  ('foster', 'no', 1, 24),
  ('foster', 'yes', 0, 25),
  ('migrant', 'no', 1, 26),
  ('migrant', 'yes', 0, 27),
  ('military', 'no', 1, 28),
  ('military', 'yes', 0, 29),
  ('gifted', 'no', 1, 30),
  ('gifted', 'yes', 0, 31);

-- Usual spellings of codes beside the standard ones.
CREATE TABLE spelling (code_set TEXT, value TEXT, standard TEXT);
INSERT INTO spelling VALUES
  ('Grade', 'k', 'KG'), ('Grade', 'kindergarten', 'KG'), ('Grade', 'prek', 'PK'), ('Grade', 'pre-k', 'PK'),
  ('Grade', '1', '01'), ('Grade', '2', '02'), ('Grade', '3', '03'), ('Grade', '4', '04'), ('Grade', '5', '05'),
  ('Grade', '6', '06'), ('Grade', '7', '07'), ('Grade', '8', '08'), ('Grade', '9', '09'),
  ('Sex', 'f', 'female'), ('Sex', 'm', 'male'), ('Sex', 'x', 'nonbinary');

-- Letters with accents, which SQLite does not know to take off.
CREATE TABLE letter (letter TEXT PRIMARY KEY, plain TEXT);
INSERT INTO letter VALUES
  ('Á', 'a'), ('À', 'a'), ('Â', 'a'), ('Ä', 'a'), ('Ã', 'a'), ('Å', 'a'), ('á', 'a'), ('à', 'a'), ('â', 'a'), ('ä', 'a'), ('ã', 'a'), ('å', 'a'),
  ('Ç', 'c'), ('ç', 'c'),
  ('É', 'e'), ('È', 'e'), ('Ê', 'e'), ('Ë', 'e'), ('é', 'e'), ('è', 'e'), ('ê', 'e'), ('ë', 'e'),
  ('Í', 'i'), ('Ì', 'i'), ('Î', 'i'), ('Ï', 'i'), ('í', 'i'), ('ì', 'i'), ('î', 'i'), ('ï', 'i'),
  ('Ñ', 'n'), ('ñ', 'n'),
  ('Ó', 'o'), ('Ò', 'o'), ('Ô', 'o'), ('Ö', 'o'), ('Õ', 'o'), ('ó', 'o'), ('ò', 'o'), ('ô', 'o'), ('ö', 'o'), ('õ', 'o'),
  ('Ú', 'u'), ('Ù', 'u'), ('Û', 'u'), ('Ü', 'u'), ('ú', 'u'), ('ù', 'u'), ('û', 'u'), ('ü', 'u'),
  ('Ý', 'y'), ('ý', 'y'), ('ÿ', 'y');

-- The letters of names, one by one, that are neither of ASCII nor known here: blanks of other widths and the typographic
-- apostrophe are. A test sees to it that there are none, or the twins would take names for others than they are.
CREATE VIEW strange_letter AS
WITH RECURSIVE spelled (rest) AS (
  SELECT first_name || last_name || COALESCE(middle_name, '') || COALESCE(former_last_name, '') || COALESCE(email, '')
    || COALESCE(username, '')
  FROM staff
  UNION
  SELECT SUBSTR(rest, 2) FROM spelled WHERE rest <> ''
)
SELECT DISTINCT SUBSTR(rest, 1, 1) AS letter
FROM spelled
WHERE UNICODE(rest) > 127
  AND SUBSTR(rest, 1, 1) NOT IN (SELECT letter FROM letter)
  AND SUBSTR(rest, 1, 1) NOT IN ('’', CHAR(160), CHAR(8199), CHAR(8203));

-- The names of staff as they are compared: letters and digits in lower case, without accents and generation suffixes. A word
-- ends at a blank or a comma; what else stands in a word does not end it.
CREATE TABLE staff_name AS
WITH RECURSIVE stated (staff_id, part, name) AS (
  SELECT staff_id, 'first', first_name FROM staff
  UNION ALL
  SELECT staff_id, 'last', last_name FROM staff
  UNION ALL
  SELECT staff_id, 'former', former_last_name FROM staff WHERE former_last_name IS NOT NULL
),
plain (staff_id, part, rest, name) AS (
  SELECT staff_id, part, name, '' FROM stated
  UNION ALL
  SELECT
    staff_id, part, SUBSTR(rest, 2),
    name || CASE
      WHEN rest GLOB '[A-Za-z0-9]*' THEN LOWER(SUBSTR(rest, 1, 1))
      WHEN UNICODE(rest) IN (9, 10, 11, 12, 13, 32, 44, 160, 8199) THEN ' '
      WHEN SUBSTR(rest, 1, 1) IN ('.', '-', '''', '’') THEN SUBSTR(rest, 1, 1)
      ELSE COALESCE((SELECT l.plain FROM letter l WHERE l.letter = SUBSTR(plain.rest, 1, 1)), '')
    END
  FROM plain
  WHERE rest <> ''
),
word (staff_id, part, rest, name) AS (
  SELECT staff_id, part, name || ' ', '' FROM plain WHERE rest = ''
  UNION ALL
  SELECT
    staff_id, part, SUBSTR(rest, INSTR(rest, ' ') + 1),
    name || CASE
      WHEN RTRIM(SUBSTR(rest, 1, INSTR(rest, ' ') - 1), '.') IN ('jr', 'sr', 'ii', 'iii', 'iv') THEN ''
      ELSE SUBSTR(rest, 1, INSTR(rest, ' ') - 1)
    END
  FROM word
  WHERE rest <> ''
)
SELECT staff_id, part, REPLACE(REPLACE(REPLACE(REPLACE(name, '.', ''), '-', ''), '''', ''), '’', '') AS name
FROM word
WHERE rest = '';

-- Names that sound alike: American Soundex of the letters from a to z, the first of them and three digits. Letters of one
-- digit count once, also with an h or w between them; vowels part them.
CREATE TABLE staff_sound AS
WITH RECURSIVE heard (staff_id, part, rest, sound, before) AS (
  SELECT staff_id, part, name, '', '0' FROM staff_name WHERE part <> 'first'
  UNION ALL
  SELECT
    staff_id, part, SUBSTR(rest, 2),
    sound || CASE
      WHEN rest NOT GLOB '[a-z]*' THEN ''
      WHEN sound = '' THEN SUBSTR(rest, 1, 1)
      WHEN SUBSTR('01230120022455012623010202', UNICODE(rest) - 96, 1) IN ('0', before) THEN ''
      ELSE SUBSTR('01230120022455012623010202', UNICODE(rest) - 96, 1)
    END,
    CASE
      WHEN rest NOT GLOB '[a-z]*' OR (sound <> '' AND rest GLOB '[hw]*') THEN before
      ELSE SUBSTR('01230120022455012623010202', UNICODE(rest) - 96, 1)
    END
  FROM heard
  WHERE rest <> ''
)
SELECT staff_id, part, SUBSTR(sound || '000', 1, 4) AS sound
FROM heard
WHERE rest = '' AND sound <> '';

-- First names that call the same person, by group.
CREATE TABLE called (person INTEGER, name TEXT, PRIMARY KEY (person, name));
INSERT INTO called VALUES
  (1, 'abigail'), (1, 'abby'), (1, 'abbie'), (1, 'gail'),
  (2, 'albert'), (2, 'al'), (2, 'bert'),
  (3, 'alexander'), (3, 'alex'), (3, 'sandy'), (3, 'xander'),
  (4, 'alexandra'), (4, 'alex'), (4, 'sandra'), (4, 'sandy'), (4, 'lexi'),
  (5, 'amanda'), (5, 'mandy'),
  (6, 'andrew'), (6, 'andy'), (6, 'drew'),
  (7, 'anthony'), (7, 'tony'),
  (8, 'barbara'), (8, 'barb'), (8, 'babs'),
  (9, 'benjamin'), (9, 'ben'), (9, 'benny'), (9, 'benji'),
  (10, 'bradley'), (10, 'brad'),
  (11, 'catherine'), (11, 'katherine'), (11, 'kathryn'), (11, 'cathy'), (11, 'kathy'), (11, 'kate'), (11, 'katie'), (11, 'kay'),
  (12, 'charles'), (12, 'charlie'), (12, 'chuck'), (12, 'chas'),
  (13, 'christina'), (13, 'christine'), (13, 'tina'), (13, 'chris'), (13, 'chrissy'),
  (14, 'christopher'), (14, 'chris'), (14, 'topher'), (14, 'kit'),
  (15, 'cynthia'), (15, 'cindy'),
  (16, 'daniel'), (16, 'dan'), (16, 'danny'),
  (17, 'david'), (17, 'dave'), (17, 'davey'),
  (18, 'deborah'), (18, 'debra'), (18, 'deb'), (18, 'debbie'),
  (19, 'donald'), (19, 'don'), (19, 'donny'),
  (20, 'dorothy'), (20, 'dot'), (20, 'dottie'), (20, 'dolly'),
  (21, 'douglas'), (21, 'doug'),
  (22, 'edward'), (22, 'ed'), (22, 'eddie'), (22, 'ned'), (22, 'ted'), (22, 'teddy'),
  (23, 'elizabeth'), (23, 'liz'), (23, 'lizzie'), (23, 'beth'), (23, 'betty'), (23, 'betsy'), (23, 'eliza'), (23, 'libby'),
  (24, 'eugene'), (24, 'gene'),
  (25, 'francisco'), (25, 'paco'), (25, 'pancho'), (25, 'frank'),
  (26, 'frances'), (26, 'fran'), (26, 'frannie'),
  (27, 'frederick'), (27, 'fred'), (27, 'freddie'),
  (28, 'gabriel'), (28, 'gabe'),
  (29, 'gerald'), (29, 'gerry'), (29, 'jerry'),
  (30, 'gregory'), (30, 'greg'),
  (31, 'guadalupe'), (31, 'lupe'), (31, 'lupita'),
  (32, 'henry'), (32, 'hank'), (32, 'harry'),
  (33, 'isabel'), (33, 'isabella'), (33, 'bella'), (33, 'izzy'),
  (34, 'jacob'), (34, 'jake'),
  (35, 'james'), (35, 'jim'), (35, 'jimmy'), (35, 'jamie'),
  (36, 'janet'), (36, 'jan'),
  (37, 'jeffrey'), (37, 'jeff'), (37, 'geoff'), (37, 'geoffrey'),
  (38, 'jennifer'), (38, 'jen'), (38, 'jenny'),
  (39, 'jessica'), (39, 'jess'), (39, 'jessie'),
  (40, 'jesus'), (40, 'chuy'),
  (41, 'john'), (41, 'jack'), (41, 'johnny'),
  (42, 'jonathan'), (42, 'jon'), (42, 'nathan'),
  (43, 'jose'), (43, 'pepe'), (43, 'joe'),
  (44, 'joseph'), (44, 'joe'), (44, 'joey'),
  (45, 'joshua'), (45, 'josh'),
  (46, 'judith'), (46, 'judy'),
  (47, 'kenneth'), (47, 'ken'), (47, 'kenny'),
  (48, 'kimberly'), (48, 'kim'),
  (49, 'lawrence'), (49, 'larry'),
  (50, 'leonard'), (50, 'leo'), (50, 'len'), (50, 'lenny'),
  (51, 'margaret'), (51, 'maggie'), (51, 'meg'), (51, 'peggy'), (51, 'marge'), (51, 'margie'), (51, 'greta'),
  (52, 'maria'), (52, 'mary'), (52, 'mia'), (52, 'marie'),
  (53, 'matthew'), (53, 'matt'),
  (54, 'melissa'), (54, 'missy'), (54, 'mel'),
  (55, 'michael'), (55, 'mike'), (55, 'mickey'), (55, 'mick'),
  (56, 'michelle'), (56, 'shelly'), (56, 'mich'),
  (57, 'nancy'), (57, 'nan'),
  (58, 'nathaniel'), (58, 'nathan'), (58, 'nate'),
  (59, 'nicholas'), (59, 'nick'), (59, 'nicky'),
  (60, 'nicole'), (60, 'nicki'), (60, 'nikki'),
  (61, 'pamela'), (61, 'pam'),
  (62, 'patricia'), (62, 'pat'), (62, 'patty'), (62, 'trish'), (62, 'tricia'),
  (63, 'patrick'), (63, 'pat'), (63, 'paddy'),
  (64, 'peter'), (64, 'pete'),
  (65, 'philip'), (65, 'phillip'), (65, 'phil'),
  (66, 'raymond'), (66, 'ray'),
  (67, 'rebecca'), (67, 'becky'), (67, 'becca'),
  (68, 'richard'), (68, 'rick'), (68, 'rich'), (68, 'dick'), (68, 'ricky'), (68, 'richie'),
  (69, 'robert'), (69, 'rob'), (69, 'bob'), (69, 'bobby'), (69, 'robbie'),
  (70, 'ronald'), (70, 'ron'), (70, 'ronnie'),
  (71, 'samantha'), (71, 'sam'), (71, 'sammie'),
  (72, 'samuel'), (72, 'sam'), (72, 'sammy'),
  (73, 'sandra'), (73, 'sandy'),
  (74, 'sarah'), (74, 'sara'), (74, 'sally'), (74, 'sadie'),
  (75, 'stephanie'), (75, 'steph'),
  (76, 'stephen'), (76, 'steven'), (76, 'steve'),
  (77, 'susan'), (77, 'sue'), (77, 'suzanne'), (77, 'susie'),
  (78, 'teresa'), (78, 'theresa'), (78, 'terry'), (78, 'tess'), (78, 'tessa'),
  (79, 'terrence'), (79, 'terry'),
  (80, 'theodore'), (80, 'theo'), (80, 'ted'), (80, 'teddy'),
  (81, 'thomas'), (81, 'tom'), (81, 'tommy'),
  (82, 'timothy'), (82, 'tim'), (82, 'timmy'),
  (83, 'valerie'), (83, 'val'),
  (84, 'victoria'), (84, 'vicky'), (84, 'tori'),
  (85, 'vincent'), (85, 'vince'), (85, 'vinny'),
  (86, 'walter'), (86, 'walt'),
  (87, 'william'), (87, 'will'), (87, 'bill'), (87, 'billy'), (87, 'willie'), (87, 'liam'),
  (88, 'zachary'), (88, 'zach'), (88, 'zack');
