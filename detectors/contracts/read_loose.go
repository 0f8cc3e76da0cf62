package contracts

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// Languages that have no grammar here (Dart, Swift, Elixir, Lua, Scala, Groovy): their literal maps, what they read by a literal
// key, and Swift's decodable types.

var looseFile = lazy.New(`(?i)\.(dart|swift|exs?|lua|scala|groovy|pl|pm)$`)

// readLoose reads such a file.
func readLoose(p, text string) []*record {
	found := scanJSON(p, evenQuotes(text), 1, path.Base(p))
	for _, r := range found {
		r.form = formLiteral
	}
	found = append(found, readKeyed(p, text)...)
	if strings.HasSuffix(p, ".swift") {
		found = append(found, readDecodable(p, text)...)
	}
	return found
}

var mapInBrackets = lazy.New(`\[\s*"[^"\n]{1,80}"\s*:`)

// evenQuotes makes what stands in single quotes stand in double ones, and a map in brackets one in braces, byte for byte.
func evenQuotes(text string) string {
	b := []byte(text)
	for i := 0; i < len(b); i++ {
		if b[i] == '"' {
			if end := stringEnd(text, i); end > 0 {
				i = end
			}
			continue
		}
		if b[i] != '\'' {
			continue
		}
		end := i + 1
		for end < len(b) && b[end] != '\'' && b[end] != '\n' && b[end] != '"' {
			end++
		}
		if end < len(b) && b[end] == '\'' && end > i+1 {
			b[i], b[end] = '"', '"'
			i = end
		}
	}
	for _, m := range mapInBrackets.FindAllStringSubmatchIndex(string(b), 2000) {
		b[m[0]] = '{'
	}
	return string(b)
}

var (
	keyedRead = lazy.New(`([A-Za-z_][\w.]*)[!?]?\s*\[\s*["']([A-Za-z_]\w*)["']\s*\](\s*=[^=])?`)
	looseHead = lazy.New(`\b(?:class|struct|enum|extension|func|fun|def|factory|defp|function|static)\s+([A-Za-z_][\w.]*)|^\s*(?:Future<[^>]*>|[A-Z]\w*|void)\s+(\w+)\(`)
)

// readKeyed groups what is read by a literal key from one value between two heads of functions or types.
func readKeyed(p, text string) []*record {
	var found []*record
	groups := map[string]*record{}
	about := []string{path.Base(p)}
	class, line := "", 0
	for row := range strings.Lines(text) {
		line++
		if len(row) > 1000 {
			continue
		}
		if m := looseHead.FindStringSubmatch(row); m != nil {
			if strings.Contains(row, "class ") || strings.Contains(row, "struct ") {
				class = m[1]
			}
			groups, about = map[string]*record{}, []string{path.Base(p), class, m[1], m[2]}
		}
		for _, m := range keyedRead.FindAllStringSubmatch(row, 50) {
			if m[3] != "" {
				continue // written
			}
			rec := groups[m[1]]
			if rec == nil {
				rec = newRecord(formKeyed, p, line, append([]string{m[1]}, about...)...)
				rec.decoded = true
				groups[m[1]] = rec
				found = append(found, rec)
			}
			rec.add(m[2], line, "", "")
		}
	}
	return found
}

var (
	decodable    = lazy.New(`^\s*(?:public\s+|private\s+|fileprivate\s+|final\s+)*(?:struct|class)\s+(\w+)\s*:[^{]*\b(?:Codable|Decodable|Encodable)\b`)
	swiftMember  = lazy.New(`^\s*(?:public\s+|private\s+)?(?:let|var)\s+(\w+)\s*:\s*[^={]+(?:=.*)?$`)
	swiftCase    = lazy.New(`^\s*case\s+(\w.*)$`)
	swiftRenamed = lazy.New(`(\w+)\s*(?:=\s*"([^"]+)")?`)
)

// readDecodable reads Swift's types that are made from JSON, by the names of their CodingKeys where they have them.
func readDecodable(p, text string) []*record {
	var found []*record
	var rec *record
	depth, start, line := 0, 0, 0
	keys := false
	for row := range strings.Lines(text) {
		line++
		if len(row) > 1000 {
			continue
		}
		row = strings.TrimRight(row, "\r\n")
		if m := decodable.FindStringSubmatch(row); m != nil && rec == nil {
			rec, start, keys = newRecord(formType, p, line, m[1]), depth, false
			rec.wired = true
		} else if rec != nil && strings.Contains(row, "CodingKey") {
			keys = true
			rec.keys = map[string]*entry{}
		} else if m := swiftCase.FindStringSubmatch(row); rec != nil && keys && m != nil {
			for _, c := range swiftRenamed.FindAllStringSubmatch(m[1], 40) {
				rec.add(cmpOr(c[2], c[1]), line, "", "")
			}
		} else if m := swiftMember.FindStringSubmatch(row); rec != nil && !keys && m != nil && depth == start+1 {
			rec.add(m[1], line, "", "")
		}
		depth += strings.Count(row, "{") - strings.Count(row, "}")
		if rec != nil && depth <= start {
			if len(rec.keys) > 0 {
				found = append(found, rec)
			}
			rec = nil
		}
	}
	return found
}
