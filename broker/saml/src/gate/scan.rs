//! The byte scan (PC-03 to PC-05).
