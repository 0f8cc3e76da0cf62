package contracts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
	"github.com/oasdiff/oasdiff/load"
)

var (
	openapiKey = regexp.MustCompile(`(?m)^\s{0,4}["']?(openapi|swagger)["']?\s*:\s*["']?\d`)
	swaggerKey = regexp.MustCompile(`(?m)^\s{0,4}["']?swagger["']?\s*:\s*["']?2`)
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

var errOutside = errors.New("a reference leads out of the repository")

// maxSpecFiles bounds the files that one OpenAPI document may consist of.
const maxSpecFiles = 500

// specReader loads one OpenAPI document of one side. References are read from that side of the branch only: nothing is
// fetched from the network and nothing outside of the repository is opened.
type specReader struct {
	at    side
	files []string
}

func (r *specReader) read(_ *openapi3.Loader, location *url.URL) ([]byte, error) {
	p := path.Clean(location.Path)
	if location.Scheme != "" || location.Host != "" || path.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../") {
		return nil, fmt.Errorf("%w: %.80q", errOutside, location.String())
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
	return text, nil
}

// load gives the document at p with every reference resolved and allOf flattened; fs.ErrNotExist where it is not there.
func (r *specReader) load(p string) (*load.SpecInfo, error) {
	text, err := r.read(nil, &url.URL{Path: p})
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = r.read
	loader.IncludeOrigin = true
	var info *load.SpecInfo
	if swaggerKey.Match(text[:min(len(text), 64<<10)]) {
		info, err = r.swagger(loader, p, text)
	} else {
		info, err = load.NewSpecInfoFromData(loader, text, p)
	}
	if err != nil {
		return nil, err
	}
	if info.Spec == nil || info.Spec.Paths == nil {
		return nil, fmt.Errorf("%w: no paths", fs.ErrInvalid)
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
