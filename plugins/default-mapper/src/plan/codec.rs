//! A plan as bytes.

use symbolon_plugin_sdk::{Failure, failure};

use super::bytes::{Damaged, Reader, Writer};
use super::{DenyRow, FieldRow, FieldSource, Plan, RoleFor, RoleRow};
use crate::cel::{Expression, Libraries};

/// Changes with the format; the host never mixes plugins, so this only tells mistakes.
const FORMAT: u8 = 1;

impl Plan<'_> {
    /// The plan as bytes that [`Plan::decode`] reads without parsing.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.byte(FORMAT);
        to.flag(self.needs_all_groups);
        to.short(self.libraries.0);
        to.optional(self.default_role);
        to.count(self.denials.len());
        for row in &self.denials {
            row.when.write(&mut to);
            to.text(row.code);
            to.text(row.message);
        }
        to.count(self.fields.len());
        for row in &self.fields {
            to.text(row.to);
            to.count(row.first);
            match &row.source {
                FieldSource::Expression(expression) => {
                    to.flag(true);
                    expression.write(&mut to);
                }
                FieldSource::Claims(names) => {
                    to.flag(false);
                    to.count(names.len());
                    names.iter().for_each(|name| to.text(name));
                }
            }
        }
        to.count(self.roles.len());
        for row in &self.roles {
            to.count(row.number);
            to.text(row.role);
            to.count(row.first);
            to.optional(row.label);
            match &row.to {
                RoleFor::When(expression) => {
                    to.flag(true);
                    expression.write(&mut to);
                }
                RoleFor::Group { group, hash } => {
                    to.flag(false);
                    to.text(group);
                    to.word(u64::from(*hash));
                }
            }
        }
        to.finish()
    }
}

impl<'a> Plan<'a> {
    /// Reads what [`Plan::encode`] wrote.
    ///
    /// # Errors
    /// Code `prepared` for any other bytes.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Failure> {
        read(bytes).map_err(|Damaged| failure("prepared", "the prepared configuration is damaged"))
    }
}

fn read(bytes: &[u8]) -> Result<Plan<'_>, Damaged> {
    let mut from = Reader::open(bytes)?;
    if from.byte()? != FORMAT {
        return Err(Damaged);
    }
    let plan = Plan {
        needs_all_groups: from.flag()?,
        libraries: Libraries(from.short()?),
        default_role: from.optional()?,
        denials: rows(&mut from, deny)?,
        fields: rows(&mut from, field)?,
        roles: rows(&mut from, role)?,
    };
    from.end()?;
    Ok(plan)
}

fn rows<'a, T>(
    from: &mut Reader<'a>,
    row: impl Fn(&mut Reader<'a>, usize) -> Result<T, Damaged>,
) -> Result<Vec<T>, Damaged> {
    let count = from.count()?;
    // No row is empty, so a count beyond the bytes fails at their end.
    let mut rows = Vec::with_capacity(count.min(64));
    for index in 0..count {
        rows.push(row(from, index)?);
    }
    Ok(rows)
}

fn deny<'a>(from: &mut Reader<'a>, _: usize) -> Result<DenyRow<'a>, Damaged> {
    Ok(DenyRow {
        when: Expression::read(from)?,
        code: from.text()?,
        message: from.text()?,
    })
}

/// A row names itself or an earlier one.
fn first(from: &mut Reader<'_>, index: usize) -> Result<usize, Damaged> {
    let first = from.count()?;
    if first <= index {
        Ok(first)
    } else {
        Err(Damaged)
    }
}

fn field<'a>(from: &mut Reader<'a>, index: usize) -> Result<FieldRow<'a>, Damaged> {
    Ok(FieldRow {
        to: from.text()?,
        first: first(from, index)?,
        source: match from.flag()? {
            true => FieldSource::Expression(Box::new(Expression::read(from)?)),
            false => FieldSource::Claims(rows(from, |from, _| from.text())?),
        },
    })
}

fn role<'a>(from: &mut Reader<'a>, index: usize) -> Result<RoleRow<'a>, Damaged> {
    Ok(RoleRow {
        number: from.count()?,
        role: from.text()?,
        first: first(from, index)?,
        label: from.optional()?,
        to: match from.flag()? {
            true => RoleFor::When(Box::new(Expression::read(from)?)),
            false => RoleFor::Group {
                group: from.text()?,
                hash: u32::try_from(from.word()?).map_err(|_| Damaged)?,
            },
        },
    })
}
