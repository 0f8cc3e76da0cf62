package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hamba/avro/v2"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
)

// AvroBreaking finds Avro schemas that can no longer read what was written with them before, or whose records the readers of
// before can no longer read, by the rules of schema resolution (avro.apache.org/docs/1.12.0/specification, "Schema Resolution").
var AvroBreaking = &detectors.Detector{
	ID:    "contracts/avro-breaking",
	Title: "An Avro schema and its records of before no longer fit",
	Run: func(pass *detectors.Pass) error {
		before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
		compared, problems := 0, []string(nil)
		for _, f := range pass.Branch.Files {
			if f.Binary || f.TooLarge || f.Vendored || f.Status == branch.Added || f.Status == branch.Deleted || !strings.HasSuffix(f.Path, ".avsc") || !declares(f.Path) {
				continue
			}
			if err := pass.Context.Err(); err != nil {
				return err
			}
			compared++
			old, err := avroAt(before, cmpOr(f.OldPath, f.Path))
			if err != nil {
				continue // nothing was written with what was no schema
			}
			now, err := avroAt(after, f.Path)
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s: %.120s", f.Path, strings.Join(strings.Fields(err.Error()), " ")))
				continue
			}
			reportAvro(pass, f.Path, old, now)
		}
		switch {
		case len(problems) > 0:
			return detectors.Inconclusive("%s", join(problems, 2))
		case compared == 0:
			return detectors.ErrNotApplicable
		}
		return nil
	},
}

func reportAvro(pass *detectors.Pass, p string, old, now avro.Schema) {
	quiet := announcesBreak(pass.Branch) || unreleased.MatchString(p)
	text, err := pass.Branch.ReadHead(p)
	if err != nil {
		return
	}
	tell := func(severity detectors.Severity, list []avroBreak, message, why, fix string) {
		for _, b := range list {
			if quiet {
				severity = detectors.Note
			}
			pass.Report(detectors.Finding{
				Severity: severity, Path: p, Line: max(lineQuoting(text, b.field), lineQuoting(text, b.record)), Symbol: cmpOr(b.field, b.record),
				Message: fmt.Sprintf(message, b.text), Why: why, Fix: fix, Evidence: []string{b.record, b.field, b.text},
			})
		}
	}
	backward := avroBreaks(now, old, true)
	tell(detectors.Warning, backward, "records written before the branch can no longer be read: %s",
		"Every record that is already in a topic, a file or a table fails to decode in the program that reads with the new schema.",
		"Give the field a default, name the old one in its aliases, or keep the old type in a union.")
	forward := slices.DeleteFunc(avroBreaks(old, now, false), func(b avroBreak) bool {
		return slices.ContainsFunc(backward, func(o avroBreak) bool { return o.field == b.field && o.record == b.record })
	})
	tell(detectors.Note, forward, "programs that still have the old schema cannot read new records: %s",
		"Consumers are released on their own day; until then each new record fails there.",
		"Release the readers first, or keep the field until they have followed.")
}

// An avroBreak is one place where a reader's schema does not fit a writer's.
type avroBreak struct{ record, field, text string }

// avroBreaks are the places where data of the writer cannot be read, field by field; a record that is not told apart is told
// as a whole. newer says that the reader is the newer of both.
func avroBreaks(reader, writer avro.Schema, newer bool) []avroBreak {
	rules := avro.NewSchemaCompatibility()
	if rules.Compatible(reader, writer) == nil {
		return nil
	}
	var list []avroBreak
	written := avroRecords(writer)
	for _, r := range avroRecords(reader) {
		i := slices.IndexFunc(written, func(w *avro.RecordSchema) bool {
			return w.Name() == r.Name() || slices.Contains(r.Aliases(), w.FullName())
		})
		if i < 0 {
			continue
		}
		for _, f := range r.Fields() {
			w := writtenField(written[i], f)
			switch {
			case w == nil && f.HasDefault():
			case w == nil && newer:
				list = append(list, avroBreak{r.Name(), f.Name(), fmt.Sprintf("%q of %s is new and has no default", f.Name(), r.Name())})
			case w == nil:
				list = append(list, avroBreak{r.Name(), f.Name(), fmt.Sprintf("%q of %s is gone and had no default", f.Name(), r.Name())})
			case rules.Compatible(f.Type(), w.Type()) != nil && !holdsRecord(f.Type()):
				list = append(list, avroBreak{r.Name(), f.Name(), fmt.Sprintf("%q of %s cannot be read as %s", f.Name(), r.Name(), avroName(f.Type()))})
			}
		}
	}
	if len(list) == 0 {
		err := rules.Compatible(reader, writer)
		list = append(list, avroBreak{record: avroName(reader), text: strings.Join(strings.Fields(err.Error()), " ")})
	}
	return list
}

func writtenField(w *avro.RecordSchema, f *avro.Field) *avro.Field {
	for _, x := range w.Fields() {
		if x.Name() == f.Name() || slices.Contains(f.Aliases(), x.Name()) {
			return x
		}
	}
	return nil
}

// holdsRecord says that a type is made of records, whose own fields tell what does not fit.
func holdsRecord(s avro.Schema) bool { return len(avroRecords(s)) > 0 }

func avroName(s avro.Schema) string {
	switch n := s.(type) {
	case *avro.RefSchema:
		return avroName(n.Schema())
	case avro.NamedSchema:
		return n.Name()
	case *avro.UnionSchema:
		var parts []string
		for _, t := range n.Types() {
			parts = append(parts, avroName(t))
		}
		return strings.Join(parts, " or ")
	}
	return string(s.Type())
}
