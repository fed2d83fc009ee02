//! Syntax trees: their size, their children, and their form as bytes in a prepared configuration.

use ::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue,
    MapEntryExpr, MapExpr, SelectExpr,
};

use super::{Expression, Libraries, MAX_LEVELS, MAX_NODES};
use crate::plan::bytes::{Damaged, Reader, Writer};

/// Refuses trees that would cost too much stack, and the literals of types that do not exist here.
pub(super) fn measure(tree: &IdedExpr) -> Result<(), Vec<String>> {
    let mut nodes = 0;
    let mut todo = vec![(tree, 1)];
    while let Some((node, level)) = todo.pop() {
        nodes += 1;
        if level > MAX_LEVELS {
            return Err(vec![format!(
                "is nested too deeply: at most {MAX_LEVELS} levels are allowed"
            )]);
        }
        if nodes > MAX_NODES {
            return Err(vec![format!(
                "is too long: at most {MAX_NODES} parts are allowed"
            )]);
        }
        if matches!(node.expr, Expr::Struct(_) | Expr::Unspecified) {
            return Err(vec![
                "builds a message, but there are no message types here".to_owned(),
            ]);
        }
        todo.extend(children(node).into_iter().map(|child| (child, level + 1)));
    }
    Ok(())
}

/// The parts of a node, in the order of evaluation.
pub(super) fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Comprehension(one) => vec![
            &one.iter_range,
            &one.accu_init,
            &one.loop_cond,
            &one.loop_step,
            &one.result,
        ],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map
            .entries
            .iter()
            .flat_map(|entry| pair(&entry.expr))
            .collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn pair(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}

/// Calls back for every part of a node.
pub(super) fn for_each_child(node: &mut IdedExpr, work: &mut dyn FnMut(&mut IdedExpr)) {
    match &mut node.expr {
        Expr::Call(call) => {
            call.target
                .as_deref_mut()
                .into_iter()
                .chain(&mut call.args)
                .for_each(work);
        }
        Expr::Comprehension(one) => {
            [
                &mut one.iter_range,
                &mut one.accu_init,
                &mut one.loop_cond,
                &mut one.loop_step,
                &mut one.result,
            ]
            .into_iter()
            .for_each(work);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(work),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                match &mut entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        work(&mut entry.key);
                        work(&mut entry.value);
                    }
                    EntryExpr::StructField(field) => work(&mut field.value),
                }
            }
        }
        Expr::Select(select) => work(&mut select.operand),
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

/// Whether a name stands in the expression itself, as a field or a text.
pub(super) fn mentions(tree: &IdedExpr, name: &str) -> bool {
    let here = match &tree.expr {
        Expr::Select(select) => select.field == name,
        Expr::Literal(LiteralValue::String(text)) => text.inner() == name,
        _ => false,
    };
    here || children(tree)
        .into_iter()
        .any(|child| mentions(child, name))
}

impl Expression {
    pub(crate) fn write(&self, to: &mut Writer) {
        to.short(self.libraries.0);
        to.flag(self.uses_groups);
        write_node(&self.tree, to);
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Self, Damaged> {
        let libraries = Libraries(from.short()?);
        let uses_groups = from.flag()?;
        let mut left = MAX_NODES;
        let tree = read_node(from, MAX_LEVELS, &mut left)?;
        Ok(Self {
            tree,
            libraries,
            uses_groups,
        })
    }
}

fn write_node(node: &IdedExpr, to: &mut Writer) {
    match &node.expr {
        Expr::Ident(name) => {
            to.byte(1);
            to.text(name);
        }
        Expr::Select(select) => {
            to.byte(if select.test { 3 } else { 2 });
            to.text(&select.field);
            write_node(&select.operand, to);
        }
        Expr::Call(call) => {
            to.byte(if call.target.is_some() { 5 } else { 4 });
            to.text(&call.func_name);
            if let Some(target) = &call.target {
                write_node(target, to);
            }
            write_all(&call.args, to);
        }
        Expr::List(list) => {
            to.byte(6);
            write_all(&list.elements, to);
        }
        Expr::Map(map) => {
            to.byte(7);
            to.count(map.entries.len());
            for part in children(node) {
                write_node(part, to);
            }
        }
        Expr::Comprehension(one) => {
            to.byte(if one.iter_var2.is_some() { 9 } else { 8 });
            to.text(&one.iter_var);
            if let Some(second) = &one.iter_var2 {
                to.text(second);
            }
            to.text(&one.accu_var);
            for part in children(node) {
                write_node(part, to);
            }
        }
        Expr::Literal(literal) => write_literal(literal, to),
        // `measure` lets neither through.
        Expr::Struct(_) | Expr::Unspecified => to.byte(0),
    }
}

fn write_all(nodes: &[IdedExpr], to: &mut Writer) {
    to.count(nodes.len());
    for node in nodes {
        write_node(node, to);
    }
}

fn write_literal(literal: &LiteralValue, to: &mut Writer) {
    match literal {
        LiteralValue::Null => to.byte(16),
        LiteralValue::Boolean(flag) => to.byte(if *flag.inner() { 18 } else { 17 }),
        LiteralValue::Int(number) => {
            to.byte(19);
            to.word(number.inner().cast_unsigned());
        }
        LiteralValue::UInt(number) => {
            to.byte(20);
            to.word(*number.inner());
        }
        LiteralValue::Double(number) => {
            to.byte(21);
            to.word(number.inner().to_bits());
        }
        LiteralValue::String(text) => {
            to.byte(22);
            to.text(text.inner());
        }
        LiteralValue::Bytes(bytes) => {
            to.byte(23);
            to.bytes(bytes.inner());
        }
    }
}

fn read_node(from: &mut Reader<'_>, levels: usize, left: &mut usize) -> Result<IdedExpr, Damaged> {
    let levels = levels.checked_sub(1).ok_or(Damaged)?;
    *left = left.checked_sub(1).ok_or(Damaged)?;
    let expr = match from.byte()? {
        1 => Expr::Ident(from.text()?.to_owned()),
        kind @ (2 | 3) => Expr::Select(SelectExpr {
            field: from.text()?.to_owned(),
            operand: Box::new(read_node(from, levels, left)?),
            test: kind == 3,
        }),
        kind @ (4 | 5) => {
            let func_name = from.text()?.to_owned();
            let target = match kind {
                5 => Some(Box::new(read_node(from, levels, left)?)),
                _ => None,
            };
            let args = read_all(from, levels, left)?;
            Expr::Call(CallExpr {
                func_name,
                target,
                args,
            })
        }
        6 => Expr::List(ListExpr::new(read_all(from, levels, left)?)),
        7 => read_map(from, levels, left)?,
        kind @ (8 | 9) => read_comprehension(from, kind == 9, (levels, left))?,
        kind => Expr::Literal(read_literal(from, kind)?),
    };
    Ok(IdedExpr { id: 0, expr })
}

fn read_all(
    from: &mut Reader<'_>,
    levels: usize,
    left: &mut usize,
) -> Result<Vec<IdedExpr>, Damaged> {
    let count = from.count()?;
    let mut nodes = Vec::with_capacity(count.min(*left));
    for _ in 0..count {
        nodes.push(read_node(from, levels, left)?);
    }
    Ok(nodes)
}

fn read_map(from: &mut Reader<'_>, levels: usize, left: &mut usize) -> Result<Expr, Damaged> {
    let mut entries = Vec::new();
    for _ in 0..from.count()? {
        let entry = MapEntryExpr {
            key: read_node(from, levels, left)?,
            value: read_node(from, levels, left)?,
            optional: false,
        };
        entries.push(IdedEntryExpr {
            id: 0,
            expr: EntryExpr::MapEntry(entry),
        });
    }
    Ok(Expr::Map(MapExpr { entries }))
}

fn read_comprehension(
    from: &mut Reader<'_>,
    two_variables: bool,
    (levels, left): (usize, &mut usize),
) -> Result<Expr, Damaged> {
    let iter_var = from.text()?.to_owned();
    let iter_var2 = match two_variables {
        true => Some(from.text()?.to_owned()),
        false => None,
    };
    let accu_var = from.text()?.to_owned();
    Ok(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_var,
        iter_var2,
        accu_var,
        iter_range: read_node(from, levels, left)?,
        accu_init: read_node(from, levels, left)?,
        loop_cond: read_node(from, levels, left)?,
        loop_step: read_node(from, levels, left)?,
        result: read_node(from, levels, left)?,
    })))
}

fn read_literal(from: &mut Reader<'_>, kind: u8) -> Result<LiteralValue, Damaged> {
    Ok(match kind {
        16 => LiteralValue::Null,
        17 => LiteralValue::Boolean(false.into()),
        18 => LiteralValue::Boolean(true.into()),
        19 => LiteralValue::Int(from.word()?.cast_signed().into()),
        20 => LiteralValue::UInt(from.word()?.into()),
        21 => LiteralValue::Double(f64::from_bits(from.word()?).into()),
        22 => LiteralValue::String(from.text()?.to_owned().into()),
        23 => LiteralValue::Bytes(from.bytes()?.to_owned().into()),
        _ => return Err(Damaged),
    })
}
