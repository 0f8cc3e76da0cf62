package options

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	moduleLine = lazy.New(`(?m)^module\s+"?([^\s"]+)`)
	scriptName = lazy.New(`(?m)^\s*"?([\w-]+)"?\s*=\s*"[\w.]+:[\w.]+"`)
	binName    = lazy.New(`"bin"\s*:\s*(?:"[^"]*"|\{([^}]*)\})`)
	dotnetTool = lazy.New(`<(?:AssemblyName|ToolCommandName)>([\w.-]+)<`)
	packName   = lazy.New(`"name"\s*:\s*"(?:@[^/"]+/)?([\w.-]+)"`)
	keyName    = lazy.New(`"([\w.-]+)"\s*:`)
	plainNames = []string{"main", "cli", "cmd", "app", "src", "index", "args", "flags", "options", "root", "bin", "lib", "internal", "pkg", "command", "commands", "__main__", "config", "."}
)

// Programs are the names by which a file's program is called: what the manifests around it install, its folder, itself.
func Programs(read func(path string) ([]byte, error), p string) []string {
	var names []string
	base := strings.TrimSuffix(path.Base(p), path.Ext(p))
	names = append(names, base, path.Base(p))
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		names = append(names, path.Base(dir))
		for _, manifest := range []string{"pyproject.toml", "setup.cfg", "setup.py", "package.json", "go.mod"} {
			text, err := read(path.Join(dir, manifest))
			if err != nil {
				continue
			}
			switch manifest {
			case "package.json":
				if m := binName.FindSubmatch(text); m != nil {
					for _, k := range keyName.FindAllSubmatch(m[1], -1) {
						names = append(names, string(k[1]))
					}
				}
				if m := packName.FindSubmatch(text); m != nil {
					names = append(names, string(m[1]))
				}
			case "go.mod":
				if m := moduleLine.FindSubmatch(text); m != nil {
					names = append(names, path.Base(string(m[1])))
				}
			default:
				for _, m := range scriptName.FindAllSubmatch(text, -1) {
					names = append(names, string(m[1]))
				}
			}
		}
		if text, err := read(path.Join(dir, path.Base(dir)+".csproj")); err == nil {
			for _, m := range dotnetTool.FindAllSubmatch(text, -1) {
				names = append(names, string(m[1]))
			}
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return len(n) < 2 || slices.Contains(plainNames, n) })
}
