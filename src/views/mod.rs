//! Entity views: everything about one student, one member of staff, one section or one school, brought together in one
//! arrangement, so that a rule about it is a plain function.

pub mod assessment;
pub mod match_block;
pub mod parents;
pub mod pre_post;
pub mod school;
pub mod section;
pub mod staff;
pub mod stage;
pub mod student;
