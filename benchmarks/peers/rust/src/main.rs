//! What the machine can do: reads JSON Lines, writes N-Quads, checks nothing. No crates.
//! The reader knows the records of generated knowledge bases: objects of strings, and one list of such objects.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

const BASE: &str = "https://example.org/generated/";
const KB: &str = "https://w3id.org/linked-kb/ontology#";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const PROV: &str = "http://www.w3.org/ns/prov#";
const OA: &str = "http://www.w3.org/ns/oa#";
const NOTE: &str = "http://www.w3.org/2004/02/skos/core#editorialNote";
const QUALIFIERS: [&str; 5] = ["modality", "frequency", "severity", "listing", "trigger"];

#[derive(Default)]
struct Piece<'a> {
    sentence: &'a str,
    modality: &'a str,
    supports: Vec<&'a str>,
}

#[derive(Default)]
struct Fact<'a> {
    document: &'a str,
    subject: &'a str,
    predicate: &'a str,
    object: &'a str,
    note: &'a str, // as JSON writes it
    qualifiers: [&'a str; 5],
    evidence: Vec<Piece<'a>>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while matches!(bytes[self.at], b' ' | b',' | b':') {
            self.at += 1;
        }
        bytes[self.at]
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += found as usize;
        found
    }

    fn string(&mut self) -> &'a str {
        assert!(self.take(b'"'), "a string is expected");
        let (start, bytes) = (self.at, self.text.as_bytes());
        while bytes[self.at] != b'"' {
            self.at += 1 + (bytes[self.at] == b'\\') as usize;
        }
        self.at += 1;
        &self.text[start..self.at - 1]
    }

    fn fact(&mut self) -> Fact<'a> {
        let mut fact = Fact::default();
        assert!(self.take(b'{'), "an object is expected");
        while !self.take(b'}') {
            match self.string() {
                "document" => fact.document = self.string(),
                "subject" => fact.subject = self.string(),
                "predicate" => fact.predicate = self.string(),
                "object" => fact.object = self.string(),
                "note" => fact.note = self.string(),
                "evidence" => fact.evidence = self.evidence(),
                key => {
                    let index = QUALIFIERS.iter().position(|each| *each == key).expect("a known key");
                    fact.qualifiers[index] = self.string();
                }
            }
        }
        fact
    }

    fn evidence(&mut self) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        assert!(self.take(b'['), "a list is expected");
        while !self.take(b']') {
            let mut piece = Piece::default();
            assert!(self.take(b'{'), "an object is expected");
            while !self.take(b'}') {
                match self.string() {
                    "sentence" => piece.sentence = self.string(),
                    "modality" => piece.modality = self.string(),
                    _ => {
                        assert!(self.take(b'['), "a list is expected");
                        while !self.take(b']') {
                            piece.supports.push(self.string());
                        }
                    }
                }
            }
            pieces.push(piece);
        }
        pieces
    }
}

fn is_plain(fact: &Fact) -> bool {
    let modality = fact.qualifiers[0];
    fact.qualifiers[4].is_empty()
        && match fact.predicate {
            "has-side-effect" => matches!(modality, "is" | "can" | "may"),
            "interacts-with" => matches!(modality, "is" | "can"),
            "used-to-treat" => modality == "is",
            _ => false,
        }
}

fn write(fact: &Fact, out: &mut impl Write) -> std::io::Result<()> {
    let document = format!("{BASE}document/{}", fact.document);
    let mut claim = format!("{}/{}/{}", fact.subject, fact.predicate, fact.object);
    if !fact.qualifiers[4].is_empty() {
        claim += &format!("/trigger/{}", fact.qualifiers[4]);
    }
    let node = format!("{BASE}fact/{}/{}", fact.document, claim);
    let end = format!("> <{BASE}graph/document/{}> .\n", fact.document);
    let subject = format!("{BASE}term/{}", fact.subject);
    let predicate = format!("{BASE}predicate/{}", fact.predicate);
    let object = format!("{BASE}term/{}", fact.object);
    write!(out, "<{node}> <{RDF}type> <{RDF}Statement{end}<{node}> <{RDF}type> <{KB}Fact{end}")?;
    write!(out, "<{node}> <{RDF}subject> <{subject}{end}<{node}> <{RDF}predicate> <{predicate}{end}")?;
    write!(out, "<{node}> <{RDF}object> <{object}{end}<{node}> <{PROV}hadPrimarySource> <{document}{end}")?;
    write!(out, "<{node}> <{KB}proposition> <{BASE}proposition/{claim}{end}")?;
    if is_plain(fact) {
        write!(out, "<{subject}> <{predicate}> <{object}> <{BASE}graph/claims> .\n")?;
    }
    let mut parts = vec!["claim"];
    for (name, value) in QUALIFIERS.iter().zip(fact.qualifiers).filter(|(_, value)| !value.is_empty()) {
        parts.push(name);
        let space = if *name == "trigger" { format!("{BASE}term/") } else { KB.to_string() };
        write!(out, "<{node}> <{KB}{name}> <{space}{value}{end}")?;
    }
    if !fact.note.is_empty() {
        write!(out, "<{node}> <{NOTE}> \"{}\"@en{}", fact.note, &end[1..])?; // the escapes of JSON that occur are those of N-Quads
    }
    let mut seen: Vec<&str> = Vec::new();
    for piece in &fact.evidence {
        let sentence = piece.sentence;
        if !seen.contains(&sentence) {
            seen.push(sentence);
            write!(out, "<{node}> <{PROV}wasDerivedFrom> <{document}/{sentence}{end}")?;
        }
        let tail = if piece.supports.is_empty() { String::new() } else { format!("/{}", piece.supports.join(".")) };
        let here = format!("{node}/evidence/{sentence}{tail}");
        write!(out, "<{node}> <{KB}evidence> <{here}{end}<{here}> <{RDF}type> <{KB}Evidence{end}")?;
        write!(out, "<{here}> <{OA}hasTarget> <{document}/{sentence}{end}")?;
        if piece.supports.is_empty() {
            let is_named = |part: &&str| fact.evidence.iter().any(|each| each.supports.contains(part));
            for part in parts.iter().filter(|part| !is_named(part)) {
                write!(out, "<{here}> <{KB}supports> <{KB}{part}{end}")?;
            }
        }
        for part in &piece.supports {
            write!(out, "<{here}> <{KB}supports> <{KB}{part}{end}")?;
        }
        if !piece.modality.is_empty() {
            write!(out, "<{here}> <{KB}modality> <{KB}{}{end}", piece.modality)?;
        }
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let names: Vec<String> = std::env::args().collect();
    let mut source = BufReader::with_capacity(1 << 20, File::open(&names[1])?);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&names[2])?);
    let mut line = String::new();
    while source.read_line(&mut line)? > 0 {
        write(&Reader { text: &line, at: 0 }.fact(), &mut out)?;
        line.clear();
    }
    out.flush()
}
