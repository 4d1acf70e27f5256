//! The relations of data quality: rules, open violations, and how they stand by rule and organization.
