package modules

import (
	"path"
	"strings"
)

// Kind is what a module is.
type Kind string

// The kinds.
const (
	Terraform Kind = "module"
	Workflow  Kind = "workflow"
	Action    Kind = "action"
	Template  Kind = "template"
)

// Interface is what one module takes and gives, by name.
type Interface struct {
	Kind Kind
	// ID is the folder of a Terraform module or an action, the path of a workflow or a template.
	ID           string
	Takes, Gives map[string]Port
	// backend is where a stack of Terraform keeps its state, as far as it says: type, then the words that name the place.
	backend map[string]string
}

// Port is one input or output; Line counts from 1.
type Port struct {
	Path     string
	Line     int
	Required bool
}

// Use is one place that uses a module: a module block, a job, a step, an include, the state of another stack.
type Use struct {
	Path string
	Line int
	// What names the place: `module "network"`, "job image".
	What string
	// Passes and Reads are the inputs that it gives and the outputs that it reads, with their places.
	Passes, Reads map[string]Port
	// Calls says that the use has to give the required inputs: a reader of another stack's state gives none.
	Calls bool
}

// IDOf is the module that a file is a part of, by its path, with its kind; empty for a file of none. A workflow that nobody can call and a
// YAML file without inputs have an interface without ports.
func IDOf(file string) (Kind, string) {
	base, ext := path.Base(file), path.Ext(file)
	switch {
	case ext == ".tf":
		return Terraform, path.Dir(file)
	case ext != ".yml" && ext != ".yaml":
		return "", ""
	case base == "action.yml" || base == "action.yaml":
		return Action, path.Dir(file)
	case strings.HasPrefix(file, ".github/workflows/"):
		return Workflow, file
	case strings.HasPrefix(file, ".github/"):
		return "", ""
	}
	return Template, file
}

// Files gives the files of one side of a repository.
type Files interface {
	// Text is the content of a path; an error where there is none.
	Text(path string) ([]byte, error)
	// Below lists the files right inside a folder.
	Below(dir string) []string
}

// Read is the interface of a module, nil where there is none of that name.
func Read(files Files, kind Kind, id string) *Interface {
	if kind == Terraform {
		return terraform(files, id)
	}
	return pipeline(files, kind, id)
}

// Uses are the places in a file, and for Terraform in the files beside it, that use the module.
func Uses(files Files, file string, of *Interface) []Use {
	if of.Kind == Terraform {
		return terraformUses(files, file, of)
	}
	return pipelineUses(files, file, of)
}
