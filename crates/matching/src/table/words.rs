//! The words of headers by role, in English, German, French, Spanish, Italian, Portuguese and Dutch. All are folded:
//! without accents, in lower case. The usual word of a role comes first, because the first column that has it is taken.

use super::role::Role;

/// Role, issuer of an identifier, phrases. A phrase may stand under several roles: the values decide.
pub(super) const PHRASES: &[(Role, Option<&str>, &str)] = &[
    (
        Role::RecordId,
        None,
        "record id, rec id, row id, unique id, id, record number, record key, record no, rowid, uuid, guid, uid, key, index, \
         rec num, customer id, customer number, customer no, cust id, cust no, client id, client number, contact id, \
         person id, patient id, member id, account id, account number, account no, user id, entry id, lfd nr, \
         kundennummer, kunden nr, kundennr, kunden id, numero client, numero de client, id client, id cliente, \
         numero cliente, codice cliente, klantnummer, unnamed",
    ),
    (
        Role::Source,
        None,
        "source, data source, source system, source dataset, dataset, origin, source name, source file, system, quelle, fuente, origine",
    ),
    (
        Role::Kind,
        None,
        "kind, party type, record type, entity type, customer type, contact type, account type, party kind, type, typ, art, kundentyp, typ de client",
    ),
    (
        Role::FullName,
        None,
        "full name, name full, fullname, whole name, complete name, person name, display name, contact name, customer name, \
         client name, patient name, employee name, member name, name, first and surname, first and last name, name first last, \
         ganzer name, vollstandiger name, nom complet, nom et prenom, nom prenom, prenom nom, nombre completo, nombre y apellidos, \
         nome completo, nome e cognome, naam, volledige naam, nom, nombre, nome, contact, ansprechpartner, inventor name, author name",
    ),
    (
        Role::GivenName,
        None,
        "given name, first name, forename, given names, first names, forenames, fname, f name, name first, given, first, gname, \
         christian name, firstnm, name given, vorname, vornamen, rufname, prenom, prenoms, nombre, nombres, primer nombre, \
         nome, nome proprio, voornaam, first nm, fn",
    ),
    (
        Role::MiddleName,
        None,
        "middle name, middle names, middle initial, middle, midl name, mname, m name, name middle, mi, middle init, second given name, \
         zweiter vorname, weitere vornamen, deuxieme prenom, segundo nombre, secondo nome, tussenvoegsel",
    ),
    (
        Role::FamilyName,
        None,
        "family name, last name, surname, family names, surnames, last names, lname, l name, sname, name last, last, name family, \
         lastnm, last nm, ln, name sur, nachname, familienname, zuname, nom de famille, nom, nom usuel, apellido, apellidos, \
         primer apellido, segundo apellido, apellido paterno, apellido materno, cognome, sobrenome, apelido, achternaam, name",
    ),
    (
        Role::Nickname,
        None,
        "nickname, nick name, nick, known as, preferred name, goes by, alias, aka, spitzname, surnom, apodo, soprannome, roepnaam",
    ),
    (
        Role::NamePrefix,
        None,
        "name prefix, prefix, salutation, title, honorific, name title, prefix name, anrede, titel, akademischer titel, civilite, tratamiento, titolo, aanhef",
    ),
    (
        Role::NameSuffix,
        None,
        "name suffix, suffix, generation, name sufx, name sufx cd, suffix name, name generation, namenszusatz, suffixe, sufijo, suffisso",
    ),
    (
        Role::BirthDate,
        None,
        "date of birth, birth date, dob, birthdate, birthday, born, born on, date birth, bdate, b date, d o b, birth, birth dt, dt of birth, \
         geburtsdatum, geburtstag, geb datum, geboren, geboren am, gebdat, date de naissance, date naissance, naissance, \
         fecha de nacimiento, fecha nacimiento, nacimiento, data di nascita, data nascita, data de nascimento, geboortedatum",
    ),
    (
        Role::BirthYear,
        None,
        "birth year, year of birth, yob, born year, by, geburtsjahr, annee de naissance, ano de nacimiento, anno di nascita, geboortejaar",
    ),
    (
        Role::BirthMonth,
        None,
        "birth month, month of birth, mob, bm, geburtsmonat, mois de naissance, mes de nacimiento, mese di nascita",
    ),
    (Role::BirthDay, None, "birth day, day of birth, bd, jour de naissance, dia de nacimiento, giorno di nascita"),
    (
        Role::Email,
        None,
        "email, e mail, email address, e mail address, mail, mail address, email addr, electronic mail, emails, e mails, \
         mailadresse, e mail adresse, email adresse, courriel, adresse mail, adresse e mail, correo, correo electronico, \
         posta elettronica, indirizzo email, e mailadres",
    ),
    (
        Role::Phone,
        None,
        "phone, telephone, phone number, phone no, phone num, tel, tel no, mobile, mobile phone, mobile number, cell, cell phone, \
         cellphone, landline, phone nr, ph, phones, home phone, work phone, telephone number, contact number, contact phone, \
         telefon, telefonnummer, telefonnr, telefon nr, rufnummer, handy, handynummer, mobil, mobilnummer, mobiltelefon, festnetz, \
         telephone portable, portable, numero de telephone, telefono, numero de telefono, movil, celular, cellulare, telefoonnummer, telefoon",
    ),
    (
        Role::StreetLine,
        None,
        "street, address, street address, street name, address line, addr, address 1, address line 1, addr 1, address 2, address line 2, \
         addr 2, address 3, address line 3, addr line, addr full, full address, postal address, address street, street 1, street 2, \
         address full, mailing address, home address, thoroughfare, road, strasse, str, anschrift, adresse, adresszusatz, strassenname, \
         strasse hausnummer, strasse und hausnummer, rue, adresse postale, voie, calle, direccion, domicilio, via, indirizzo, rua, endereco, straat, adres",
    ),
    (
        Role::HouseNumber,
        None,
        "street number, house number, street no, house no, street num, house num, house nr, building number, address number, stnum, st no, \
         street nr, hausnummer, hausnr, haus nr, hnr, numero de rue, numero de voie, numero calle, numero civico, civico, huisnummer",
    ),
    (
        Role::Unit,
        None,
        "unit, unit number, apartment, apt, apt no, flat, suite, unit no, apartment number, floor, door, po box, wohnung, stiege, tur, top, stock, appartement, etage, piso, puerta, interno, scala",
    ),
    (
        Role::Locality,
        None,
        "city, town, locality, municipality, city name, suburb, place, village, post town, city town, \
         address city, ort, stadt, wohnort, gemeinde, ortschaft, ville, commune, localite, \
         ciudad, localidad, poblacion, municipio, citta, comune, cidade, woonplaats, plaats, stad",
    ),
    (
        Role::BirthPlace,
        None,
        "birth place, birth city, birth town, birthplace, place of birth, city of birth, town of birth, geburtsort, \
         lieu de naissance, lugar de nacimiento, luogo di nascita",
    ),
    (
        Role::Region,
        None,
        "state, region, province, state province, state code, state cd, state region, county, state name, administrative area, bundesland, kanton, departement, provincia, comunidad autonoma, regione, estado, provincie",
    ),
    (
        Role::PostCode,
        None,
        "postcode, post code, postal code, zip, zip code, zipcode, postal, pcode, post cd, zip cd, postal cd, eircode, pin code, plz, \
         postleitzahl, code postal, cp, codigo postal, cap, codice postale, cep, postcodes",
    ),
    (
        Role::Country,
        None,
        "country, country code, country name, ctry, ctry code, nation, land, staat, landercode, laenderkennzeichen, pays, pais, paese",
    ),
    (
        Role::Company,
        None,
        "company, company name, employer, employer name, organization, organisation, organization name, organisation name, workplace, \
         works for, firm, firm name, business, business name, account name, affiliation, agency, firma, firmenname, firmen name, unternehmen, arbeitgeber, \
         societe, entreprise, employeur, raison sociale, empresa, compania, azienda, ditta, ragione sociale, bedrijf, werkgever, name org, org name, org",
    ),
    (
        Role::JobTitle,
        None,
        "job title, occupation, job, profession, position, role, title, work title, beruf, funktion, titel, position im unternehmen, metier, fonction, profesion, ocupacion, cargo, puesto, professione, beroep",
    ),
    (
        Role::Gender,
        None,
        "gender, sex, gender code, sex code, geschlecht, genre, sexe, genero, sexo, genere, sesso, geslacht",
    ),
    (
        Role::Identifier,
        Some("ssn"),
        "ssn, social security number, soc sec id, soc sec, soc sec no, social security, social security no, ssn number, soc sec number, social insurance number, sin, national id, national id number, sozialversicherungsnummer, svnr, sv nummer, ahv, ahv nummer, numero de securite sociale, nir, dni, codice fiscale, cpf, bsn, nino, national insurance number, ni number, personnummer, pesel",
    ),
    (
        Role::Identifier,
        Some("tax"),
        "tax number, tax id, tax no, tin, ein, tax id number, tax identification number, steuernummer, steuer nr, steuer id, numero fiscal, nif, cif",
    ),
    (
        Role::Identifier,
        Some("vat"),
        "vat, vat number, vat id, vat no, vat reg no, ust id, ust id nr, ustid, umsatzsteuer id, uid nummer, numero de tva, tva, partita iva, btw nummer",
    ),
    (
        Role::Identifier,
        Some("passport"),
        "passport, passport number, passport no, passnummer, reisepassnummer, numero de passeport, pasaporte, passaporto",
    ),
    (
        Role::Identifier,
        Some("driverslicense"),
        "drivers license number, driver license number, drivers licence number, driving licence number, driver license, drivers license, driving licence, dl number, fuhrerscheinnummer",
    ),
    (
        Role::Identifier,
        Some("registration"),
        "company number, company registration number, registration number, register number, handelsregisternummer, hrb, firmenbuchnummer, siren, siret, kvk nummer",
    ),
    (Role::Identifier, Some("lei"), "lei, lei number, legal entity identifier"),
    (Role::Identifier, Some("duns"), "duns, duns number, d u n s number"),
    (Role::Identifier, Some("npi"), "npi, npi number, national provider identifier"),
    (
        Role::Identifier,
        Some("medicare"),
        "medicare, medicare number, medicare no, nhs number, nhs no, health insurance number, versichertennummer",
    ),
    (
        Role::OrganizationName,
        None,
        "legal name, site name, trade name, trading name, dba, doing business as, institution, institution name, school, school name, store name, shop name, \
         venue, venue name, restaurant, restaurant name, hospital, hospital name, facility, facility name, supplier, supplier name, vendor, vendor name, \
         merchant, merchant name, brand, brand name, name org primary, registered name, entity name, nombre comercial, handelsname, einrichtung, verein",
    ),
    (
        Role::Domain,
        None,
        "website, web site, domain, url, homepage, web, domains, web page, website url, website address, web address, company domain, company website, webseite, internetseite, site web, sitio web, pagina web, sito, sito web",
    ),
    (
        Role::UpdatedAt,
        None,
        "updated at, updated, last updated, last modified, modified, modified at, update date, last update, modified date, modified time, last modified date, last updated date, last modified time, lastdate, changed at, last changed, date modified, date updated, geandert am, letzte anderung, aktualisiert am, modifie le, date de modification, fecha de modificacion, timestamp",
    ),
    // What must never be compared: the answer of a labelled set, and words that only look like something else.
    (
        Role::Ignored,
        None,
        "cluster id, cluster, entity id, true id, group id, truth, label, match id, family id, household id, golden id, true cluster, ground truth, \
        fax, fax number, telefax, faxnummer, created at, created, create date, date created, created on, angelegt am, age, alter, status, notes, comment, comments, description, \
        latitude, longitude, lat, lon, lng, user name, username, login, password, file name, filename, product name, maiden name, mothers maiden name, \
        mother name, father name, spouse name, name type",
    ),
];

/// Words that say what an address or number is for; they keep the columns of two addresses apart.
pub(super) const PURPOSES: &[&str] = &[
    "billing",
    "bill",
    "invoice",
    "shipping",
    "ship",
    "delivery",
    "mailing",
    "work",
    "office",
    "business",
    "permanent",
    "previous",
    "old",
    "new",
    "other",
    "alternate",
    "alternative",
    "alt",
    "secondary",
    "private",
    "privat",
    "geschaftlich",
    "rechnung",
    "lieferung",
    "mail",
];

/// Words that say whose or which, and change nothing.
pub(super) const FILLERS: &[&str] = &[
    "the",
    "of",
    "your",
    "my",
    "our",
    "customer",
    "cust",
    "client",
    "contact",
    "person",
    "personal",
    "member",
    "patient",
    "employee",
    "emp",
    "applicant",
    "subscriber",
    "user",
    "voter",
    "resident",
    "party",
    "kunde",
    "kunden",
    "kontakt",
    "cliente",
    "client",
    "primary",
    "main",
    "current",
    "home",
    "residential",
    "residence",
    "res",
    "desc",
    "lbl",
    "txt",
    "str",
    "val",
    "value",
    "field",
    "col",
    "column",
    "raw",
    "clean",
    "cleaned",
    "std",
    "fake",
    "orig",
    "original",
    "a",
    "b",
    "c",
    "l",
    "r",
    "x",
    "y",
    "left",
    "right",
    "de",
    "der",
    "des",
    "du",
    "del",
    "di",
    "text",
    "attr",
    "addr",
    "address",
    "names",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::fold;

    #[test]
    fn all_words_are_folded() {
        let phrases = PHRASES.iter().flat_map(|(_, _, phrases)| phrases.split(',').map(str::trim));
        for phrase in phrases.chain(PURPOSES.iter().copied()).chain(FILLERS.iter().copied()) {
            assert_eq!(fold(phrase), phrase);
            assert!(!phrase.is_empty());
        }
    }
}
