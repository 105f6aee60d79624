//! E-mail addresses in the form in which one mailbox has one spelling.

use super::placeholder::is_placeholder_email;
use crate::values::Values;
use std::borrow::Cow;
use std::sync::LazyLock;

/// A mailbox, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// `local@domain`, canonical.
    pub(crate) address: String,
    /// Where the local part ends.
    pub(crate) at: usize,
    /// An office reads it, not one person: `info@`, `billing@`.
    pub(crate) is_role: bool,
}

impl Mailbox {
    /// The part before the `@`.
    pub(crate) fn local(&self) -> &str {
        &self.address[..self.at]
    }

    /// The part after the `@`.
    pub(crate) fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }
}

/// Reads a canonical mailbox: lower case, without a `+tag`; for Gmail also without dots and under one domain (Google
/// delivers all of these to the same mailbox). `None` for placeholders and for what is no address.
pub(crate) fn mailbox(address: &str) -> Option<Mailbox> {
    let trimmed = address.trim();
    let is_lower = trimmed.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    let lower = if is_lower { Cow::Borrowed(trimmed) } else { Cow::Owned(trimmed.to_lowercase()) };
    let at = lower.bytes().rposition(|byte| byte == b'@')?;
    let (local, domain) = (&lower[..at], one_domain(lower[at + 1..].trim_end_matches('.')));
    let tag = local.bytes().position(|byte| byte == b'+').filter(|&tag| tag > 0);
    let local = tag.map_or(local, |tag| &local[..tag]);
    let mut address = String::with_capacity(local.len() + 1 + domain.len());
    address.push_str(local);
    if domain == "gmail.com" {
        address.retain(|c| c != '.');
    }
    if address.is_empty() || domain.is_empty() || is_placeholder_email(&address, domain) {
        return None;
    }
    let (at, is_role) = (address.len(), is_role(&address));
    address.extend(["@", domain]);
    Some(Mailbox { address, at, is_role })
}

/// One domain for the several under which a provider delivers to one mailbox, and for the commonest slips.
fn one_domain(domain: &str) -> &str {
    match domain {
        "googlemail.com" | "gmial.com" | "gmai.com" | "gmal.com" | "gamil.com" | "gnail.com" | "gmail.con"
        | "gmail.cm" => "gmail.com",
        // Apple and Proton: the same mailbox under each of their domains.
        "me.com" | "mac.com" | "iclod.com" | "icloud.con" => "icloud.com",
        "proton.me" | "pm.me" => "protonmail.com",
        "ya.ru" | "yandex.com" => "yandex.ru",
        "hotmial.com" | "hotmal.com" | "hotmai.com" | "hotmail.con" => "hotmail.com",
        "yaho.com" | "yahooo.com" | "yhoo.com" | "yahoo.con" => "yahoo.com",
        "outlok.com" | "outloook.com" | "outlook.con" => "outlook.com",
        other => other,
    }
}

/// The part of a domain that its owner chose: `wexford` of `shop.wexford.co.uk`.
pub(crate) fn domain_label(domain: &str) -> &str {
    let mut labels: Vec<&str> = domain.split('.').collect();
    if labels.len() > 1 {
        labels.pop();
    }
    if labels.len() > 1
        && matches!(labels[labels.len() - 1], "co" | "com" | "or" | "org" | "net" | "ac" | "gov" | "edu" | "gv")
    {
        labels.pop();
    }
    labels.pop().unwrap_or(domain)
}

/// Whether a domain belongs to a provider, so that sharing it says nothing about belonging together.
pub(crate) fn is_provider(domain: &str) -> bool {
    PROVIDERS.find(domain).is_some()
}

fn is_role(local: &str) -> bool {
    let end = local.bytes().position(|byte| matches!(byte, b'.' | b'-' | b'_')).unwrap_or(local.len());
    ROLES.find(local[..end].trim_end_matches(|c: char| c.is_ascii_digit())).is_some()
}

static ROLES: LazyLock<Values> = LazyLock::new(|| {
    "abuse accounting administracion administratie amministrazione atendimento biuro boekhouding comercial compras \
    contato direccion facturen financeiro gerencia hallo hej hei klantenservice kundservice kundtjanst marketingteam \
    noc orders obchod pedidos poczta recepcao secretaria secretariat segreteria sklep ufficio verwaltung zamowienia \
    accounting accounts admin administration administrator billing booking bookings buchhaltung buero career \
    careers compta comptabilite contact contacto contracts customerservice desk einkauf empfang enquiries enquiry \
    facturacion facturation faktura feedback finance hello help helpdesk hola hostmaster hr info information \
    inquiries invoice invoices jobs kasse kontakt kundenservice legal mail mailbox marketing newsletter office \
    order orders payable payables payments payroll post postmaster press presse procurement purchasing recepcion \
    reception rechnung rechnungen sales sekretariat service shop staff store support team vendas ventas verkauf \
    vertrieb webmaster welcome"
        .split_ascii_whitespace()
        .collect()
});

static PROVIDERS: LazyLock<Values> = LazyLock::new(|| {
    "aol.com att.net bigpond.com bluewin.ch btinternet.com comcast.net cox.net email.com fastmail.com free.fr \
    freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net hey.com hotmail.co.uk hotmail.com hotmail.de \
    hotmail.es hotmail.fr icloud.com laposte.net libero.it live.com live.de live.fr mac.com mail.com mail.ru \
    mailbox.org me.com msn.com orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de proton.me \
    protonmail.com qq.com rocketmail.com sbcglobal.net sfr.fr sky.com t-online.de telefonica.net tuta.com \
    tutanota.com verizon.net virginmedia.com wanadoo.fr web.de yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr \
    yandex.ru ymail.com zoho.com"
        .split_ascii_whitespace()
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> Option<String> {
        mailbox(text).map(|mailbox| mailbox.address)
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        assert_eq!(canonical("Ada.Lovelace+news@GoogleMail.com").as_deref(), Some("adalovelace@gmail.com"));
        assert_eq!(canonical("ada.lovelace+x@biller.example").as_deref(), Some("ada.lovelace@biller.example"));
        assert_eq!(canonical("test@biller.example"), None);
        assert_eq!(canonical("n/a"), None);
        for (text, address) in [
            ("Ada@ME.com", "ada@icloud.com"),
            ("ada@pm.me", "ada@protonmail.com"),
            ("a.d.a@gmial.com", "ada@gmail.com"),
            ("ada@biller.example.", "ada@biller.example"),
            ("+ada@biller.example", "+ada@biller.example"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(address));
        }
    }

    #[test]
    fn a_canonical_address_is_canonical() {
        for text in ["A.B+c+d@GoogleMail.com", "x+@pm.me", "o'brien@biller.example"] {
            let once = canonical(text);
            assert_eq!(once.as_deref().and_then(canonical), once, "{text}");
        }
    }

    #[test]
    fn the_owner_chose_one_part_of_a_domain() {
        for domain in ["wexford.com", "www.wexford.co.uk", "shop.wexford.example", "wexford"] {
            assert_eq!(domain_label(domain), "wexford", "{domain}");
        }
    }

    proptest! {
        #[test]
        fn a_spelling_that_is_compared_stands_for_itself(
            text in "[.+@aA]{1,4}[a.+]{0,6}@(gmail\\.com|googlemail\\.com|a\\.example)",
        ) {
            if let Some(once) = canonical(&text) {
                prop_assert_eq!(canonical(&once), Some(once));
            }
        }
    }

    #[test]
    fn role_mailboxes_are_recognised() {
        for address in ["info@a.example", "billing-eu@a.example", "office2@a.example", "buchhaltung@a.example"] {
            assert!(mailbox(address).unwrap().is_role, "{address}");
        }
        assert!(!mailbox("sally@a.example").unwrap().is_role);
    }
}
