package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/routes"
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
				list = append(list, specPath{method, p, routes.Segments(p), id})
			}
		}
	}
	return list
}

// describedBy says that an operation is the route's: the same method, and the path with at most a prefix before it.
func describedBy(r routes.Route, s specPath) bool {
	return answersBy(r, s.method) && len(r.Segments) > 0 && r.Answers(s.segments) && len(s.segments)-len(r.Segments) <= 2
}

// answersBy says that a route names its methods and has this one.
func answersBy(r routes.Route, method string) bool {
	return slices.Contains(r.Methods, strings.ToUpper(method))
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
