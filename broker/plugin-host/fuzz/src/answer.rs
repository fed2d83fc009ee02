//! A plugin's answer as it lies in the guest's memory (canonical ABI of `result<mapping-decision, failure>`).

use libfuzzer_sys::arbitrary::{Result as Read, Unstructured};
use symbolon_contract::{Denial, Failure, Field, Grant, Mapping, MappingDecision};

/// Where `echo.wat` puts its answer.
pub const BASE: usize = 1 << 20;

/// A text and how often it is repeated, so that few bytes of input reach a length limit.
#[derive(Debug)]
pub struct Text(String, u8);

impl Text {
    fn read(input: &mut Unstructured<'_>) -> Read<Self> {
        Ok(Self(input.arbitrary()?, input.arbitrary()?))
    }

    fn build(&self) -> String {
        self.0.repeat(1 + usize::from(self.1))
    }
}

/// An answer that a guest could give; the numbers repeat the last entry of a list.
#[derive(Debug)]
pub enum Answer {
    /// `ok(allow(..))`
    Allow {
        /// Names and values.
        fields: (Vec<(Text, Vec<Text>)>, u8),
        /// Roles and reasons.
        grants: (Vec<(Text, Option<Text>)>, u8),
        /// Notes.
        notes: (Vec<Text>, u8),
    },
    /// `ok(deny(..))`
    Deny(Text, Text),
    /// `err(..)`
    Failure(Text, Text, Option<Text>),
}

/// A list whose length is small.
fn list<'a, T>(
    input: &mut Unstructured<'a>,
    read: impl Fn(&mut Unstructured<'a>) -> Read<T>,
) -> Read<Vec<T>> {
    let length = input.int_in_range(0..=8)?;
    (0..length).map(|_| read(input)).collect()
}

fn optional(input: &mut Unstructured<'_>) -> Read<Option<Text>> {
    Ok(if input.arbitrary()? { Some(Text::read(input)?) } else { None })
}

fn rows<T, R: Clone>(rows: &(Vec<T>, u8), build: impl Fn(&T) -> R) -> Vec<R> {
    let mut built: Vec<R> = rows.0.iter().map(build).collect();
    if let Some(last) = built.last().cloned() {
        built.extend(std::iter::repeat_n(last, usize::from(rows.1) * 3));
    }
    built
}

impl Answer {
    /// Reads an answer out of the fuzzer's bytes.
    ///
    /// # Errors
    /// When there are too few.
    pub fn read(input: &mut Unstructured<'_>) -> Read<Self> {
        let field =
            |input: &mut Unstructured<'_>| Ok((Text::read(input)?, list(input, Text::read)?));
        let grant = |input: &mut Unstructured<'_>| Ok((Text::read(input)?, optional(input)?));
        Ok(match input.int_in_range(0..=3)? {
            0 => Self::Deny(Text::read(input)?, Text::read(input)?),
            1 => Self::Failure(Text::read(input)?, Text::read(input)?, optional(input)?),
            _ => Self::Allow {
                fields: (list(input, field)?, input.arbitrary()?),
                grants: (list(input, grant)?, input.arbitrary()?),
                notes: (list(input, Text::read)?, input.arbitrary()?),
            },
        })
    }

    /// The same as the host's types.
    #[must_use]
    pub fn build(&self) -> Result<MappingDecision, Failure> {
        match self {
            Self::Allow { fields, grants, notes } => Ok(MappingDecision::Allow(Mapping {
                fields: rows(fields, |(name, values)| Field {
                    name: name.build(),
                    values: values.iter().map(Text::build).collect(),
                }),
                grants: rows(grants, |(role, because)| Grant {
                    role: role.build(),
                    because: because.as_ref().map(Text::build),
                }),
                notes: rows(notes, Text::build),
            })),
            Self::Deny(code, message) => {
                Ok(MappingDecision::Deny(Denial { code: code.build(), message: message.build() }))
            }
            Self::Failure(code, message, path) => Err(Failure {
                code: code.build(),
                message: message.build(),
                path: path.as_ref().map(Text::build),
            }),
        }
    }
}

/// Lays an answer out for [`BASE`].
#[must_use]
pub fn lay_out(answer: &Result<MappingDecision, Failure>) -> Vec<u8> {
    let mut memory = Memory(vec![0; 32]);
    match answer {
        Ok(MappingDecision::Allow(mapping)) => {
            let fields = memory.list(&mapping.fields, 16, |memory, at, field: &Field| {
                memory.text(at, &field.name);
                let values = memory.list(&field.values, 8, |memory, at, value: &String| {
                    memory.text(at, value);
                });
                memory.pair(at + 8, values, field.values.len());
            });
            memory.pair(8, fields, mapping.fields.len());
            let grants = memory.list(&mapping.grants, 20, |memory, at, grant: &Grant| {
                memory.text(at, &grant.role);
                memory.option(at + 8, grant.because.as_deref());
            });
            memory.pair(16, grants, mapping.grants.len());
            let notes = memory.list(&mapping.notes, 8, |memory, at, note: &String| {
                memory.text(at, note);
            });
            memory.pair(24, notes, mapping.notes.len());
        }
        Ok(MappingDecision::Deny(denial)) => {
            memory.0[4] = 1;
            memory.text(8, &denial.code);
            memory.text(16, &denial.message);
        }
        Err(failure) => {
            memory.0[0] = 1;
            memory.text(4, &failure.code);
            memory.text(12, &failure.message);
            memory.option(20, failure.path.as_deref());
        }
    }
    memory.0
}

struct Memory(Vec<u8>);

impl Memory {
    fn pair(&mut self, at: usize, pointer: usize, length: usize) {
        for (at, number) in [(at, pointer), (at + 4, length)] {
            let number = u32::try_from(number).unwrap();
            self.0[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        let pointer = BASE + self.0.len();
        self.0.extend_from_slice(text.as_bytes());
        self.pair(at, pointer, text.len());
    }

    fn option(&mut self, at: usize, text: Option<&str>) {
        if let Some(text) = text {
            self.0[at] = 1;
            self.text(at + 4, text);
        }
    }

    /// Makes room for the rows, fills them, says where they are.
    fn list<T>(&mut self, rows: &[T], size: usize, fill: impl Fn(&mut Self, usize, &T)) -> usize {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let start = self.0.len();
        self.0.resize(start + rows.len() * size, 0);
        for (number, row) in rows.iter().enumerate() {
            fill(self, start + number * size, row);
        }
        BASE + start
    }
}
