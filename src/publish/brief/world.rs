//! Typst as a library: one template, one data file and three fonts, all embedded in the binary. It reads no disk and no
//! clock, so the same data gives the same bytes on every machine.

use crate::model::Date;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// The template.
const TEMPLATE: &str = include_str!("brief.typ");

/// Inter, under the Open Font License included beside it: regular, semibold, bold.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files: [&'static [u8]; 3] = [
        include_bytes!("fonts/Inter-Regular.otf"),
        include_bytes!("fonts/Inter-SemiBold.otf"),
        include_bytes!("fonts/Inter-Bold.otf"),
    ];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});

/// Whether the fonts can show a character.
pub(crate) fn shows(character: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(character.into()))
}

/// Everything that the compiler may request.
struct Brief {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    data: (FileId, Bytes),
}

impl World for Brief {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The document as PDF/UA-1, or the compiler's errors. `ident` names the document, and `day` is its date.
pub(crate) fn pdf(data: &serde_json::Value, ident: String, day: Option<Date>) -> Result<Vec<u8>, String> {
    let id = |name: &str| VirtualPath::new(name).map(|path| RootedPath::new(VirtualRoot::Project, path).intern());
    let (template, file) = (id("brief.typ"), id("data.json"));
    let (Ok(template), Ok(file)) = (template, file) else { return Err("the template has no path".to_owned()) };
    let bytes = serde_json::to_vec(data).map_err(|error| error.to_string())?;
    let world = Brief {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(FONTS.iter())),
        template: Source::new(template, TEMPLATE.to_owned()),
        data: (file, Bytes::new(bytes)),
    };
    let document = typst::compile::<PagedDocument>(&world).output.map_err(|errors| error_text(&world, &errors))?;
    let day = day
        .map(Date::to_ymd)
        .and_then(|(year, month, day)| Datetime::from_ymd_hms(year, month.try_into().ok()?, day.try_into().ok()?, 0, 0, 0));
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some(format!("rollcall {}", env!("CARGO_PKG_VERSION")))),
        timestamp: day.map(Timestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| error.message().to_string())?,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| error_text(&world, &errors))?;
    // The compiler's cache is useless for the next document, which has other data.
    typst::comemo::evict(0);
    Ok(pdf)
}

/// The compiler's errors, each with its line in the template.
fn error_text(world: &Brief, errors: &[SourceDiagnostic]) -> String {
    let one = |error: &SourceDiagnostic| {
        let range = typst::WorldExt::range(world, error.span);
        let line = range.map(|range| 1 + TEMPLATE.bytes().take(range.start).filter(|byte| *byte == b'\n').count());
        let line = line.map_or(String::new(), |line| format!("brief.typ:{line}: "));
        let hints: String = error.hints.iter().map(|hint| format!(" ({})", hint.v)).collect();
        format!("{line}{}{hints}", error.message)
    };
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}
