package contracts

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	fence    = lazy.New("^\\s*(```+|~~~+)\\s*\\{?\\.?([A-Za-z0-9_+-]*)")
	ticked   = lazy.New("`\"?([A-Za-z_][A-Za-z0-9_]*)\"?`")
	fenceExt = map[string]string{
		"go": ".go", "golang": ".go", "ts": ".ts", "typescript": ".ts", "tsx": ".tsx", "js": ".js", "javascript": ".js",
		"jsx": ".jsx", "python": ".py", "py": ".py",
	}
)

// readDocument reads a Markdown, reStructuredText or AsciiDoc file: its code blocks in their own language, JSON wherever
// it stands, and the names that a table or a paragraph sets in code type.
func readDocument(file, text string) []*record {
	var found []*record
	var rest strings.Builder // everything that is not a block in a language of its own, line for line
	var block strings.Builder
	lang, mark, start, heading := "", "", 0, ""
	prose := newRecord(formProse, file, 1)
	flush := func() {
		if len(prose.keys) > 1 {
			found = append(found, prose)
		}
	}
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		if m := fence.FindStringSubmatch(line); m != nil && (mark == "" || strings.HasPrefix(m[1], mark)) {
			if mark == "" {
				mark, lang, start = m[1], strings.ToLower(m[2]), n
				block.Reset()
			} else {
				found = append(found, readBlock(file, lang, block.String(), start+1, heading)...)
				mark = ""
			}
			rest.WriteByte('\n')
			continue
		}
		if mark != "" {
			block.WriteString(line + "\n")
			rest.WriteByte('\n')
			continue
		}
		if strings.HasPrefix(line, "#") {
			heading = strings.TrimLeft(line, "# ")
		}
		switch names := ticked.FindAllStringSubmatch(line, -1); {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			flush()
			prose = newRecord(formProse, file, n+1, heading)
		default:
			prose.about = append(prose.about, line)
			for _, name := range names {
				prose.add(name[1], n, "", "")
			}
		}
		rest.WriteString(line + "\n")
	}
	flush()
	if mark != "" { // a fence that is never closed
		found = append(found, readBlock(file, lang, block.String(), start+1, heading)...)
	}
	return append(found, scanJSON(file, rest.String(), 1, path.Base(file))...)
}

// readBlock reads one code block whose first line is number line of the document.
func readBlock(file, lang, text string, line int, heading string) []*record {
	if ext, ok := fenceExt[lang]; ok {
		parsed, err := source.Parse("block"+ext, []byte(text))
		if err == nil {
			found := readSource(parsed, nil)
			for _, r := range found {
				r.path = file
				r.line += line - 1
				r.about = append(r.about, heading)
				for _, e := range r.keys {
					e.line += line - 1
				}
			}
			return found
		}
	}
	if lang == "yaml" || lang == "yml" {
		if found := readYAML(file, []byte(text), line, heading); found != nil {
			return found
		}
	}
	return scanJSON(file, text, line, heading, routesOf(text))
}

// routesOf are the paths of URLs in a text, as one string.
func routesOf(text string) string {
	return strings.Join(route.FindAllString(text, -1), " ")
}

var route = lazy.New(`/[A-Za-z][A-Za-z0-9_{}:./-]*`)

// readTable takes a CSV file's first line for the keys of its rows.
func readTable(file, text string) []*record {
	head, _, _ := strings.Cut(text, "\n")
	sep := ","
	if strings.Count(head, "\t") > strings.Count(head, ",") {
		sep = "\t"
	} else if strings.Count(head, ";") > strings.Count(head, ",") {
		sep = ";"
	}
	rec := newRecord(formText, file, 1, path.Base(file))
	for _, name := range strings.Split(head, sep) {
		rec.add(strings.Trim(strings.TrimSpace(name), "\"'\ufeff"), 1, "", "")
	}
	if len(rec.keys) < 2 {
		return nil
	}
	return []*record{rec}
}
