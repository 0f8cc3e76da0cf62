package contracts

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
)

// A specPath is one operation that an OpenAPI document describes.
type specPath struct {
	method, path string
	segments     []string
	id           string
}

var httpMethods = []string{"get", "post", "put", "patch", "delete"}

// describedPaths are the operations of a decoded document.
func describedPaths(doc any) []specPath {
	var list []specPath
	paths, _ := lookUp(doc, "/paths").(map[string]any)
	for _, p := range keysOf(paths) {
		item, _ := paths[p].(map[string]any)
		for _, method := range keysOf(item) {
			if op, ok := item[method].(map[string]any); ok && slices.Contains(httpMethods, method) && !isInternal(op) {
				id, _ := op["operationId"].(string)
				list = append(list, specPath{method, p, segments(p), id})
			}
		}
	}
	return list
}

var methodWord = regexp.MustCompile(`(?i)^(?:map|http)?(get|post|put|patch|delete)(?:mapping|func|async)?$`)

// methodOf is the method that a registration names: its own name, the one in front of the path, the only one of a list.
func methodOf(c *source.Call) string {
	if m := methodWord.FindStringSubmatch(c.Name); m != nil {
		return strings.ToLower(m[1])
	}
	if len(c.Args) > 0 {
		if first, _, ok := strings.Cut(c.Args[0].Str, " "); ok && slices.Contains(httpMethods, strings.ToLower(first)) {
			return strings.ToLower(first)
		}
	}
	for _, a := range c.Args {
		if a.Keyword == "methods" {
			if m := oneMethod.FindStringSubmatch(a.Text); m != nil {
				return strings.ToLower(m[1])
			}
		}
	}
	return ""
}

var oneMethod = regexp.MustCompile(`^[\[(]\s*["'](\w+)["']\s*,?\s*[\])]$`)

// A servedRoute is a route with the method that it answers, empty where that is not read.
type servedRoute struct {
	webRoute
	method string
}

// served are the routes that a file registers.
func served(f *source.File) []servedRoute {
	methods := map[int]string{}
	for _, d := range f.Decls {
		for _, c := range d.Decorators {
			if m := methodOf(c); m != "" {
				methods[c.Span.Line], methods[d.Span.Line] = m, m
			}
		}
	}
	for _, c := range f.Calls {
		if m := methodOf(c); m != "" && routeOf(c) != "" {
			methods[c.Span.Line] = m
		}
	}
	var list []servedRoute
	for _, r := range routesIn(f) {
		if !r.unread() {
			list = append(list, servedRoute{r, methods[r.line]})
		}
	}
	return list
}

// describes says that an operation is the route's: the same method, and the path with at most a prefix before it.
func (r servedRoute) describedBy(s specPath) bool {
	return r.method == s.method && len(r.segments) > 0 && r.calls(s.segments) && len(s.segments)-len(r.segments) <= 2
}

// generators are the tools that write an OpenAPI document from the code, by the names that code and manifests have of them.
var generators = []string{
	"swaggo", "swag", "drf_spectacular", "drf-spectacular", "drf-yasg", "springdoc", "springdoc-openapi", "tsoa", "fastapi", "huma", "utoipa",
	"zod-to-openapi", "@asteasolutions/zod-to-openapi", "Swashbuckle", "NSwag", "swagger-php", "l5-swagger", "flask-smorest", "apispec", "flasgger",
	"@nestjs/swagger", "SwaggerModule", "swagger-jsdoc", "rswag", "fuego", "aide", "hono-openapi", "@hono/zod-openapi", "typespec", "go-swagger", "restx", "flask-restx", "spectree", "litestar", "kubb",
}

// writesSpecs says that a tool of the repository writes its documents, so that they follow by themselves.
func writesSpecs(pass *detectors.Pass) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, generators...)
	if err != nil {
		return false, err
	}
	for _, name := range generators {
		for _, p := range naming[name] {
			if !prose(p) && !source.IsExample(p) && !isLock.MatchString(p) {
				return true, nil
			}
		}
	}
	return false, nil
}
