package contracts

// Enumerations of schema languages whose syntax says them outright: GraphQL, also inside code, protobuf and Prisma.

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/contracts/graphql"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var enumBlock = lazy.New(`(?m)^\s*enum\s+(\w+)[^{};\n]*\{([^}]*)\}`)

// enumBlocks are the enumerations that a text writes as enum Name { A B }; value reads one line of such a block.
func enumBlocks(p, dialect, text string, value func(row string) []string) []*valueSet {
	var list []*valueSet
	for _, m := range enumBlock.FindAllStringSubmatchIndex(text, 200) {
		s := &valueSet{owner: text[m[2]:m[3]], dialect: dialect, path: p, line: 1 + strings.Count(text[:m[2]], "\n")}
		for row := range strings.Lines(text[m[4]:m[5]]) {
			s.values = append(s.values, value(row)...)
		}
		if len(s.values) > 1 {
			list = append(list, s)
		}
	}
	return list
}

// schemaEnums are the enumerations of a file in one of the schema languages, by its name.
func schemaEnums(p string, text []byte) []*valueSet {
	if !strings.Contains(string(text), "enum ") {
		return nil
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".prisma":
		return enumBlocks(p, "prisma", string(text), firstWord("/", "@"))
	case ".proto":
		return enumBlocks(p, "protobuf", string(text), firstWord("/", "*", "option", "reserved"))
	}
	if !schemaPath(p) || path.Ext(p) == ".json" {
		return nil
	}
	var list []*valueSet
	for _, t := range graphql.Texts(p, text) {
		doc, err := t.SDL()
		if err != nil || doc == nil {
			continue
		}
		for _, d := range doc.Definitions {
			if len(d.EnumValues) < 2 {
				continue
			}
			s := &valueSet{owner: d.Name, dialect: "graphql", path: p, line: 1}
			if i := strings.Index(string(text), "enum "+d.Name); i >= 0 {
				s.line += strings.Count(string(text[:i]), "\n")
			}
			for _, v := range d.EnumValues {
				s.values = append(s.values, v.Name)
			}
			list = append(list, s)
		}
	}
	return list
}

// firstWord reads the first word of a row that begins with none of the marks.
func firstWord(marks ...string) func(row string) []string {
	return func(row string) []string {
		row = strings.TrimSpace(row)
		for _, m := range marks {
			if strings.HasPrefix(row, m) {
				return nil
			}
		}
		word, _, _ := strings.Cut(strings.NewReplacer("=", " ", ";", " ", ",", " ").Replace(row), " ")
		if word == "" {
			return nil
		}
		return []string{word}
	}
}

// generatedType says that a type of TypeScript which was written for the set is regenerated on the branch: the type checker has told.
func (s *valueSet) generatedType(at side, p, value string, naming map[string][]string) bool {
	ext := path.Ext(p)
	if s.dialect != "graphql" && s.dialect != "protobuf" && s.dialect != "prisma" || ext != ".ts" && ext != ".tsx" || source.IsTest(p) || isMock(p) {
		return false
	}
	if s.dialect == "prisma" {
		return true // the client is generated as it is installed
	}
	declared := regexp.MustCompile(`\b(?:enum|type)\s+` + regexp.QuoteMeta(s.owner) + `\b`)
	for i, q := range naming[s.owner] {
		if i > maxCandidates || path.Ext(q) != ".ts" {
			continue
		}
		if text, err := at.text(q); err == nil && declared.Match(text) && !strings.Contains(string(text), value) {
			return true
		}
	}
	return false
}
