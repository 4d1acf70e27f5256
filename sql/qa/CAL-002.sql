-- CAL-002: implausible session dates.
-- One row per session that is empty, lasts more than 400 days, or whose last day is in another
-- school year than it states.
-- subject = session_id; e1 = begin_date, e2 = end_date, e3 = school_year.
SELECT
  s.session_id AS subject,
  s.begin_date AS e1,
  s.end_date AS e2,
  s.school_year AS e3
FROM academic_session s
JOIN school_year_span y ON y.school_year = s.school_year
WHERE s.end_date <= s.begin_date
   OR s.end_date - s.begin_date > 400
   OR s.end_date - 1 < y.begin_date
   OR s.end_date - 1 >= y.end_date
