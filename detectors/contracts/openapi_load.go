package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
	"github.com/oasdiff/oasdiff/load"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

var (
	openapiKey = lazy.New(`(?m)^\s{0,4}["']?(openapi|swagger)["']?\s*:\s*["']?\d`)
	swaggerKey = lazy.New(`(?m)^\s{0,4}["']?swagger["']?\s*:\s*["']?2`)
)

// isOpenAPI says whether a text is the root of an OpenAPI document: the version stands at its top.
func isOpenAPI(p string, text []byte) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".yaml", ".yml", ".json":
	default:
		return false
	}
	return openapiKey.Match(text[:min(len(text), 64<<10)]) || strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 200)])), `{"openapi"`) ||
		strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 200)])), `{"swagger"`)
}

var specFolder = lazy.New(`(^|/)specs?/`)

// describes says whether a file may be, or be a part of, the description of an interface. A folder called spec holds tests
// of Ruby, and often what its name says.
func describes(p string) bool {
	return declares(p) || schemaFormat(p) && specFolder.MatchString(p) && declares(specFolder.ReplaceAllString(p, "$1"))
}

var errOutside = errors.New("a reference leads out of the repository")

// maxSpecFiles bounds the files that one OpenAPI document may consist of.
const maxSpecFiles = 500

// specReader loads one OpenAPI document of one side. References are read from that side of the branch only: nothing is
// fetched from the network and nothing outside of the repository is opened.
type specReader struct {
	at    side
	files []string
}

func (r *specReader) read(location *url.URL) ([]byte, error) {
	p := path.Clean(location.Path)
	if location.Scheme != "" || location.Host != "" || path.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../") {
		return nil, fmt.Errorf("%w: %.80q", errOutside, location.String())
	}
	return r.text(p)
}

// text reads a file of the document's side and remembers it as one of the document's.
func (r *specReader) text(p string) ([]byte, error) {
	if p == ".." || strings.HasPrefix(p, "../") || path.IsAbs(p) {
		return nil, fmt.Errorf("%w: %.80q", errOutside, p)
	}
	if len(r.files) >= maxSpecFiles {
		return nil, fmt.Errorf("the document has more than %d files", maxSpecFiles)
	}
	text, err := r.at.text(p)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(r.files, p) {
		r.files = append(r.files, p)
	}
	return withoutProse(text), nil
}

const (
	// maxProse bounds the descriptions of one file that are looked at.
	maxProse = 2000
	// maxBlock bounds the bytes between a line and the key of its mapping.
	maxBlock = 256 << 10
)

// proseRef is a description that bundlers take from another file; the format itself knows only texts there.
var proseRef = lazy.New(`(?m)^([ \t]*(?:- )?["']?description["']?:)[ \t]*\r?\n[ \t]+["']?\$ref["']?:[^\n]*$`)

// withoutProse empties such descriptions; each line stays where it is. A schema that is called description, as a property
// or as a component, is none.
func withoutProse(text []byte) []byte {
	var list []byte
	from := 0
	for _, m := range proseRef.FindAllSubmatchIndex(text, maxProse) {
		if namesSchemas(parentKey(text[:m[0]], text[m[0]:m[3]])) {
			continue
		}
		list = append(append(list, text[from:m[3]]...), " \"\"\n"...)
		from = m[1]
	}
	return append(list, text[from:]...)
}

func namesSchemas(key string) bool {
	switch key {
	case "properties", "patternProperties", "schemas", "definitions", "$defs":
		return true
	}
	return false
}

// parentKey is the key of the YAML mapping that a line stands in: the nearest line above with less indentation.
func parentKey(above, line []byte) string {
	above = above[max(0, len(above)-maxBlock):]
	depth := func(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
	limit := depth(line)
	for len(above) > 0 {
		above = bytes.TrimSuffix(above, []byte("\n"))
		i := bytes.LastIndexByte(above, '\n') + 1
		row := above[i:]
		above = above[:i]
		if text := bytes.TrimSpace(row); len(text) > 0 && text[0] != '#' && depth(row) < limit {
			key, _, _ := bytes.Cut(text, []byte(":"))
			return strings.Trim(string(key), `"'`)
		}
	}
	return ""
}

// load gives the document at p, whose text is given, with every reference resolved; fs.ErrNotExist where one leads nowhere.
func (r *specReader) load(p string, text []byte) (info *load.SpecInfo, err error) {
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, location *url.URL) ([]byte, error) {
		if path.Clean(location.Path) == p && location.Host == "" {
			return text, nil
		}
		return r.read(location)
	}
	loader.IncludeOrigin = true
	if swaggerKey.Match(text[:min(len(text), 64<<10)]) {
		info, err = r.swagger(loader, p, text)
	} else {
		info, err = load.NewSpecInfoFromData(loader, text, p)
	}
	if err != nil {
		return nil, err
	}
	if info.Spec == nil {
		return nil, fmt.Errorf("%w: no document", fs.ErrInvalid)
	}
	if info.Spec.Paths == nil {
		info.Spec.Paths = openapi3.NewPaths()
	}
	return info, nil
}

// flat flattens allOf on both sides, so that a schema taken apart is no change; where one cannot be, neither is.
func flat(a, b *load.SpecInfo) (*load.SpecInfo, *load.SpecInfo) {
	merge := load.WithFlattenAllOf()
	x, y := *a, *b
	if _, err := merge(nil, []*load.SpecInfo{&x}); err != nil {
		return a, b
	}
	if _, err := merge(nil, []*load.SpecInfo{&y}); err != nil {
		return a, b
	}
	params := load.WithFlattenParams()
	for _, s := range []*load.SpecInfo{&x, &y} {
		if _, err := params(nil, []*load.SpecInfo{s}); err != nil {
			return a, b
		}
	}
	return &x, &y
}

func (r *specReader) swagger(loader *openapi3.Loader, p string, text []byte) (*load.SpecInfo, error) {
	if !json.Valid(text) {
		if err := document.Bounded(text); err != nil {
			return nil, err
		}
		converted, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, err
		}
		text = converted
	}
	var doc openapi2.T
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	spec, err := openapi2conv.ToV3WithLoader(&doc, loader, &url.URL{Path: p})
	if err != nil {
		return nil, err
	}
	info := &load.SpecInfo{Url: p, Spec: spec}
	if spec.Info != nil {
		info.Version = spec.Info.Version
	}
	return info, nil
}
