package routes

import (
	"slices"
	"strings"
	"testing"

	"flightpoll/detectors/source"
)

// TestDeclared reads routes of each framework: "METHODS path", as composed within the file.
func TestDeclared(t *testing.T) {
	cases := []struct{ path, text, want string }{
		{"config/routes.rb", "Rails.application.routes.draw do\n  resources :plots, only: %i[index show] do\n    member do\n      post :water\n    end\n  end\n  namespace :api do\n    get \"frost/daily\", to: \"frost#daily\"\n  end\nend\n",
			"GET /plots, GET /plots/{id}, POST /plots/{id}/water, GET /api/frost/daily"},
		{"Garden.java", "@RestController\n@RequestMapping(\"/api/plots\")\npublic class Garden {\n  @GetMapping(\"/{id}/frost\")\n  public int frost(@PathVariable int id) { return 1; }\n  @RequestMapping(value = \"/sow\", method = RequestMethod.POST)\n  public int sow() { return 1; }\n}\n",
			"GET /api/plots/{id}/frost, POST /api/plots/sow"},
		{"GardenClient.java", "@FeignClient(\"garden\")\npublic interface GardenClient {\n  @GetMapping(\"/plots/{id}/frost\")\n  int frost(@PathVariable int id);\n}\n", ""},
		{"Garden.cs", "[Route(\"api/[controller]\")]\npublic class PlotsController : ControllerBase {\n  [HttpGet(\"{id}/frost\")]\n  public int Frost(int id) => 1;\n}\n", "GET /api/plots/{id}/frost"},
		{"routes/api.php", "<?php\nRoute::prefix('v1')->group(function () {\n  Route::get('/plots/{plot}/frost', [PlotController::class, 'frost'])->name('plots.frost');\n});\n", "GET /v1/plots/{plot}/frost"},
		{"app.go", "package a\nfunc r(r chi.Router) {\n\tr.Route(\"/v1\", func(r chi.Router) { r.Get(\"/plots/{id}\", h) })\n\tg := e.Group(\"/admin\")\n\tg.POST(\"/sow\", h)\n}\n", "GET /v1/plots/{id}, POST /admin/sow"},
		{"app.py", "from fastapi import APIRouter\nr = APIRouter(prefix=\"/plots\")\n@r.get(\"/{id}/frost\")\ndef frost(id: int): ...\napp.include_router(r, prefix=\"/api\")\n", "GET /api/plots/{id}/frost"},
		{"urls.py", "from django.urls import path\nurlpatterns = [path(\"plots/<int:pk>/frost/\", views.frost, name=\"frost\")]\n", " /plots/<int:pk>/frost"},
		{"plots.controller.ts", "@Controller(\"plots\")\nexport class C {\n  @Get(\":id/frost\")\n  frost(@Param(\"id\") id: string) { return 1; }\n}\n", "GET /plots/:id/frost"},
		{"app.js", "const r = Router();\nr.get(\"/:id/frost\", h);\napp.use(\"/plots\", r);\napi.get(\"/not/mine\");\n", "GET /plots/:id/frost"},
		{"web/app/api/(garden)/plots/[id]/route.ts", "export async function GET() { return Response.json([]) }\n", "GET /api/plots/{id}"},
		{"main.rs", "fn app() -> Router { Router::new().route(\"/plots/:id/frost\", get(frost).post(note)) }\n", "GET POST /plots/:id/frost"},
	}
	for _, c := range cases {
		f, err := source.Parse(c.path, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range Declared(f) {
			got = append(got, strings.Join(r.Methods, " ")+" "+r.Path)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.path, s, c.want)
		}
	}
}

// TestCalledIn reads the addresses that texts of several languages name: "METHOD segments".
func TestCalledIn(t *testing.T) {
	cases := []struct{ text, want string }{
		{"curl -fsS -X POST \\\n  \"$host/plots/$1/water\" -d \"litres=3\"", "POST plots/*/water"},
		{`var x = http.exchange(base + "/plots/" + id + "/frost", HttpMethod.GET);`, " plots/*/frost"},
		{"await axios.get(`${API}/plots/${id}/frost?unit=c`)", "GET plots/*/frost"},
		{`requests.post(f"{self.base}/plots/{n}/water")`, "POST plots/*/water"},
		{`@GET("plots/{id}/frost")`, "GET plots/*/frost"},
		{`http.NewRequest("DELETE", c.base+"/plots/"+id, nil)`, "DELETE plots/*"},
		{`HTTParty.get("#{BASE}/plots/#{id}/frost.json")`, "GET plots/*/frost"},
		{`let u = "\(base)/plots/\(id)/frost"`, " plots/*/frost"},
		{`import x from "../plots/frost"`, ""},
		{`see https://docs.github.com/plots/frost`, ""},
		{`cp a /etc/plots/frost`, ""},
	}
	for _, c := range cases {
		var got []string
		for _, a := range CalledIn(c.text) {
			got = append(got, a.Method+" "+strings.Join(a.Segments, "/"))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.text, s, c.want)
		}
	}
}

// TestAnswers tells a caller's path from others of the same words.
func TestAnswers(t *testing.T) {
	r := Route{Segments: Segments("/plots/{id}/frost")}
	for path, want := range map[string]bool{"/plots/7/frost": true, "/api/v1/plots/:id/frost": true, "/plots/frost": false, "/plots/7/frost/today": false, "/beds/7/frost": false} {
		if r.Answers(Segments(path)) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
	if got := Segments("/v2/plots/%s?x=1"); !slices.Equal(got, []string{"v2", "plots", "*"}) {
		t.Errorf("segments %v", got)
	}
}
