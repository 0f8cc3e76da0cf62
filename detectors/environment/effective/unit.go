package effective

// What a loader makes of configuration files: units with their variables.

import (
	"maps"
	"slices"
)

// Unit is one thing that is deployed, in one environment: a service of a Compose project, a workload of a cluster, an
// application of a platform. Units of the same Root, Kind and Name are the same thing in different environments.
type Unit struct {
	Name string
	// Kind is what the deploying tool calls it: "compose service", "Deployment", "dotenv file", "worker".
	Kind string
	// Environment is Everywhere where the unit is not bound to one.
	Environment Environment
	// Root is what unites the unit's environments: the Compose project's folder, the folder above base and overlays, the
	// chart's or the application's folder.
	Root string
	// Files are the files that were merged, in order; a later one wins.
	Files []string
	// Variables are what its processes find in their environment, by name.
	Variables map[string]Variable
	// Keys are structured configuration (an appsettings file, Helm values), by path with dots.
	Keys map[string]Variable
	// Open says that more variables or keys come from where the repository does not show them (a remote base, envFrom of
	// an object that is not here, an env_file that is not committed); Why names that in one clause. The absence of a name is
	// then not certain.
	Open bool
	Why  string
	// Image is the container image, without tag; Code the folder that it is built from, where that is known ("." is the
	// repository's root).
	Image, Code string
	// References are what it asks of ConfigMaps, Secrets and the like.
	References []Reference
	// Gaps are what its own definition asks for and is not given in this environment.
	Gaps []Gap
	// At is where the unit is defined.
	At Place
}

// Gap is a name that a unit's definition asks for and that nothing gives: a chart's value, a Terraform variable, a stage's
// parameter.
type Gap struct {
	Name string
	// At is the place that asks.
	At Place
	// Stops says that deploying ends with an error, rather than with an empty text.
	Stops bool
	// Call says that a module is called without an argument that it needs, at By.
	Call bool
	By   Place
}

// Same says whether two units are the same thing, in whatever environments.
func (u Unit) Same(other Unit) bool {
	return u.Root == other.Root && u.Name == other.Name && u.Kind == other.Kind
}

// Has says whether the unit gives the variable at all, empty or not.
func (u Unit) Has(name string) bool { _, ok := u.Variables[name]; return ok }

// Names are the unit's variables, sorted.
func (u Unit) Names() []string { return slices.Sorted(maps.Keys(u.Variables)) }

// open marks the unit as one that takes more than what is seen; the first reason stays.
func (u *Unit) open(why string) {
	if !u.Open {
		u.Open, u.Why = true, why
	}
}

// Place is a line of a file; Line is 0 where only the file is known.
type Place struct {
	Path string
	Line int
}

// Object is something that holds named values for others: a ConfigMap, a Secret, a sealed or an external one.
type Object struct {
	Kind, Name string
	// Keys are the names that it holds, with their places.
	Keys map[string]Place
	// Open says that it holds more than what the repository shows (an ExternalSecret with dataFrom).
	Open bool
	At   Place
	// values are those of a ConfigMap.
	values map[string]string
}

// Reference is one place of a unit that takes from an Object.
type Reference struct {
	// Kind is ConfigMap or Secret, however the object is made; Key is empty for all keys (envFrom, a volume).
	Kind, Name, Key string
	// How is the field: "env", "envFrom", "volume".
	How      string
	Optional bool
	At       Place
	// Object is nil where none of that kind and name is in the repository.
	Object *Object
}

// Dangling says whether the object is in the repository and certainly lacks the key.
func (r Reference) Dangling() bool {
	if r.Object == nil || r.Object.Open || r.Key == "" {
		return false
	}
	_, ok := r.Object.Keys[r.Key]
	return !ok
}

// Problem is a file that could not be read, with the reason in one line.
type Problem struct{ Path, Reason string }
