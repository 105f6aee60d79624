//! The list forms of a party's contact points and identifiers.

use super::Compiler;
use crate::map::contact::{AddressRule, EmailRule, IdentifierRule, PhoneRule};
use crate::map::rule::Expression;
use crate::yaml::{Fields, Node};
use onefold_model::FieldType;

pub(crate) fn email(value: Expression) -> EmailRule {
    EmailRule { value, primary: None, verified: None }
}

pub(crate) fn phone(value: Expression) -> PhoneRule {
    PhoneRule { value, primary: None }
}

impl Compiler<'_> {
    pub(crate) fn email(&mut self, node: &Node) -> Option<EmailRule> {
        let mut fields = Fields::open(node, "e-mail address", self.report)?;
        let value = fields.require("value", self.report).and_then(|n| self.expression(n, FieldType::EmailList));
        let primary = self.part(&mut fields, "primary", FieldType::Bool);
        let verified = self.part(&mut fields, "verified", FieldType::Bool);
        fields.finish(self.report);
        Some(EmailRule { value: value?, primary, verified })
    }

    pub(crate) fn phone(&mut self, node: &Node) -> Option<PhoneRule> {
        let mut fields = Fields::open(node, "telephone number", self.report)?;
        let value = fields.require("value", self.report).and_then(|n| self.expression(n, FieldType::PhoneList));
        let primary = self.part(&mut fields, "primary", FieldType::Bool);
        fields.finish(self.report);
        Some(PhoneRule { value: value?, primary })
    }

    pub(crate) fn address(&mut self, node: &Node) -> Option<AddressRule> {
        let mut fields = Fields::open(node, "postal address", self.report)?;
        let lines = fields.get("lines").map(Node::items).unwrap_or_default();
        let rule = AddressRule {
            lines: lines.iter().filter_map(|node| self.expression(node, FieldType::Text)).collect(),
            locality: self.part(&mut fields, "locality", FieldType::Text),
            region: self.part(&mut fields, "region", FieldType::Text),
            postal_code: self.part(&mut fields, "postalCode", FieldType::Text),
            country: self.part(&mut fields, "country", FieldType::Text),
            purpose: self.part(&mut fields, "purpose", FieldType::Text),
        };
        fields.finish(self.report);
        Some(rule)
    }

    pub(crate) fn identifier(&mut self, node: &Node) -> Option<IdentifierRule> {
        let mut fields = Fields::open(node, "identifier", self.report)?;
        let system = fields.require("system", self.report).and_then(|n| self.expression(n, FieldType::Text));
        let value = fields.require("value", self.report).and_then(|n| self.expression(n, FieldType::Text));
        fields.finish(self.report);
        Some(IdentifierRule { system: system?, value: value? })
    }

    fn part(&mut self, fields: &mut Fields<'_>, name: &'static str, ty: FieldType) -> Option<Expression> {
        let node = fields.get(name)?;
        self.expression(node, ty)
    }
}
