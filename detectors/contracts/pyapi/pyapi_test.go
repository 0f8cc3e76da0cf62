package pyapi

import (
	"slices"
	"sort"
	"testing"

	"flightpoll/detectors/source"
)

// repository is a side of a repository held in memory.
type repository map[string]string

func (r repository) File(p string) *source.File {
	text, ok := r[p]
	if !ok {
		return nil
	}
	f, err := source.Parse(p, []byte(text))
	if err != nil {
		return nil
	}
	return f
}

func (r repository) Exists(p string) bool { _, ok := r[p]; return ok }

func (r repository) Paths() []string {
	var list []string
	for p := range r {
		list = append(list, p)
	}
	sort.Strings(list)
	return list
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name, old, now string
		want           []BreakageKind
	}{
		{"keyword-only option added", "def f(a): ...", "def f(a, *, b=1): ...", nil},
		{"option added before another", "def f(a, b=1): ...", "def f(a, c=2, b=1): ...", []BreakageKind{ParameterMoved}},
		{"first of three removed", "def f(a, b, c): ...", "def f(b, c): ...", []BreakageKind{ParameterRemoved}},
		{"renamed", "def f(a): ...", "def f(b): ...", []BreakageKind{ParameterRemoved}},
		{"only the name of *args changed", "def f(*a, **k): ...", "def f(*args, **kw): ...", nil},
		{"default spelled otherwise", `def f(a="x"): ...`, "def f(a='x'): ...", nil},
		{"annotation spelled otherwise", "def f() -> Optional[List[int]]: ...", "def f() -> list[int] | None: ...", nil},
		{"overloads added", "def f(a): ...", "@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...\ndef f(a): ...", nil},
		{"method became a property", "class f:\n    def g(self): ...", "class f:\n    @property\n    def g(self): ...", []BreakageKind{ObjectChangedKind}},
		{"property became an attribute", "class f:\n    @property\n    def g(self): ...", "class f:\n    g = 1", nil},
		{"instance attribute gone", "class f:\n    def __init__(self):\n        self.g = 1", "class f:\n    def __init__(self):\n        self._g = 1", []BreakageKind{ObjectRemoved}},
		{"alias", "def f(a): ...", "def g(a): ...\nf = g", nil},
		{"external base added", "class f:\n    def g(self): ...", "from lib import Base\nclass f(Base): ...", nil},
		{"made at run time", "def f(): ...", "def __getattr__(name): ...", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &Comparison{Old: NewTree(repository{"m.py": test.old}), New: NewTree(repository{"m.py": test.now})}
			old, _ := c.Old.Lookup("m.py", "f")
			now, state := c.New.Lookup("m.py", "f")
			var kinds []BreakageKind
			if state != Unknown {
				for _, b := range c.Compare("f", old, now) {
					kinds = append(kinds, b.Kind)
				}
			}
			if !slices.Equal(kinds, test.want) {
				t.Errorf("got %v, want %v", kinds, test.want)
			}
		})
	}
}

func TestComplaint(t *testing.T) {
	f := Read(repository{"m.py": "def f(a, b=1, *, c): ..."}.File("m.py")).Members["f"]
	for want, passed := range map[string]Passed{
		"":                                  {Positional: 1, Keywords: []string{"c"}},
		"lacks c":                           {Positional: 2},
		"takes fewer arguments by position": {Positional: 3, Keywords: []string{"c"}},
		"takes no d":                        {Positional: 1, Keywords: []string{"c", "d"}},
		"gets a twice":                      {Positional: 1, Keywords: []string{"a", "c"}},
	} {
		if got := Complaint(f.Params, passed); got != want {
			t.Errorf("%+v: got %q, want %q", passed, got, want)
		}
	}
}
