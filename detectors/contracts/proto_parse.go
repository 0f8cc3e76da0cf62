package contracts

import (
	"strconv"
	"strings"
)

// A protoFile is what the breaking rules of protobuf look at in one .proto file. It is read without its imports: types are
// compared as they are written, with the package taken off.
type protoFile struct {
	path, pkg string
	// elements by full name without the package ("Sample", "Sample.rotor_rpm", "Collector.Push").
	messages, enums, services map[string]protoElement
	fields, values, methods   map[string]protoElement
	reserved                  map[string][]string // by message or enum: numbers, ranges and names
}

// A protoElement is one declaration; number is 0 where it has none.
type protoElement struct {
	name   string
	number int
	// typ is the type of a field ("repeated Site", "map<string,int64>") or the signature of a method.
	typ      string
	jsonName string
	line     int
}

// parseProto reads a file and is forgiving: what it does not understand is skipped to the next semicolon.
func parseProto(path, text string) *protoFile {
	f := &protoFile{
		path: path, messages: map[string]protoElement{}, enums: map[string]protoElement{}, services: map[string]protoElement{},
		fields: map[string]protoElement{}, values: map[string]protoElement{}, methods: map[string]protoElement{}, reserved: map[string][]string{},
	}
	p := &protoParser{tokens: protoTokens(text), file: f}
	for !p.end() {
		p.top("")
	}
	return f
}

type protoParser struct {
	tokens []protoToken
	at     int
	file   *protoFile
	depth  int
}

func (p *protoParser) end() bool { return p.at >= len(p.tokens) }

func (p *protoParser) peek() string {
	if p.end() {
		return ""
	}
	return p.tokens[p.at].text
}

func (p *protoParser) next() protoToken {
	if p.end() {
		return protoToken{}
	}
	p.at++
	return p.tokens[p.at-1]
}

// statement takes the tokens up to the next semicolon or block; a block that follows is skipped.
func (p *protoParser) statement() []protoToken {
	from := p.at
	for !p.end() {
		switch p.next().text {
		case ";":
			return p.tokens[from : p.at-1]
		case "{":
			list := p.tokens[from : p.at-1]
			p.skipBlock()
			return list
		case "}":
			p.at--
			return p.tokens[from:p.at]
		}
	}
	return p.tokens[from:p.at]
}

func (p *protoParser) skipBlock() {
	for open := 1; open > 0 && !p.end(); {
		switch p.next().text {
		case "{":
			open++
		case "}":
			open--
		}
	}
}

// top reads one declaration of the file or of a message.
func (p *protoParser) top(scope string) {
	t := p.next()
	named := !p.end() && p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == "{"
	switch {
	case t.text == "package":
		if s := p.statement(); len(s) > 0 {
			p.file.pkg = s[0].text
		}
	case (t.text == "message" || t.text == "group") && named:
		name := scope + p.next().text
		p.file.messages[name] = protoElement{name: name, line: t.line}
		p.block(func() { p.member(name) })
	case t.text == "enum" && named:
		name := scope + p.next().text
		p.file.enums[name] = protoElement{name: name, line: t.line}
		p.block(func() { p.value(name) })
	case t.text == "service" && named:
		name := scope + p.next().text
		p.file.services[name] = protoElement{name: name, line: t.line}
		p.block(func() { p.method(name) })
	case t.text == ";" || t.text == "}":
	default:
		p.statement()
	}
}

func (p *protoParser) block(each func()) {
	p.next()
	p.depth++
	for !p.end() && p.peek() != "}" && p.depth < maxNesting {
		before := p.at
		each()
		if p.at == before {
			p.at++
		}
	}
	p.depth--
	p.next()
}

func (p *protoParser) member(owner string) {
	switch t := p.peek(); t {
	case "message", "enum":
		p.top(owner + ".")
	case "oneof":
		p.next()
		p.next()
		p.block(func() { p.member(owner) })
	case "reserved":
		p.reserve(owner)
	case "option", "extensions", "extend", ";":
		p.next()
		if t != ";" {
			p.statement()
		}
	default:
		p.field(owner)
	}
}

func (p *protoParser) reserve(owner string) {
	p.next()
	for _, t := range p.statement() {
		p.file.reserved[owner] = append(p.file.reserved[owner], strings.Trim(t.text, `"'`))
	}
}

// field reads `[label] type name = number [options];`.
func (p *protoParser) field(owner string) {
	s := p.statement()
	for i, t := range s {
		if t.text != "=" || i < 2 || i+1 >= len(s) {
			continue
		}
		number, err := strconv.Atoi(s[i+1].text)
		if err != nil {
			return
		}
		typ := ""
		for _, part := range s[:i-1] {
			switch part.text {
			case "optional", "required":
			case "repeated":
				typ += "repeated "
			default:
				typ += strings.TrimPrefix(part.text, ".")
			}
		}
		typ = strings.ReplaceAll(typ, p.file.pkg+".", "")
		e := protoElement{name: s[i-1].text, number: number, typ: typ, line: s[i-1].line}
		for j := i + 2; j+2 < len(s); j++ {
			if s[j].text == "json_name" && s[j+1].text == "=" {
				e.jsonName = strings.Trim(s[j+2].text, `"'`)
			}
		}
		p.file.fields[owner+"."+e.name] = e
		return
	}
}

func (p *protoParser) value(owner string) {
	switch p.peek() {
	case "reserved":
		p.reserve(owner)
		return
	case "option":
		p.statement()
		return
	}
	s := p.statement()
	if len(s) >= 3 && s[1].text == "=" {
		if number, err := strconv.Atoi(s[2].text); err == nil {
			p.file.values[owner+"."+s[0].text] = protoElement{name: s[0].text, number: number, line: s[0].line}
		}
	}
}

// method reads `rpc Name (stream In) returns (stream Out)`.
func (p *protoParser) method(owner string) {
	if p.peek() != "rpc" {
		p.statement()
		return
	}
	p.next()
	s := p.statement()
	if len(s) == 0 {
		return
	}
	sign := ""
	for _, t := range s[1:] {
		text := strings.TrimPrefix(strings.TrimPrefix(t.text, "."), p.file.pkg+".")
		if text == "stream" || text == "returns" {
			text += " "
		}
		sign += text
	}
	p.file.methods[owner+"."+s[0].text] = protoElement{name: s[0].text, typ: sign, line: s[0].line}
}
