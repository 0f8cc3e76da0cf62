package observability

import (
	"cmp"
	"path"
	"slices"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/observability/monitors"
)

// ruleFile is a changed document of alert rules with both sides, either nil.
type ruleFile struct {
	change     *branch.File
	base, head *monitors.Document
}

func (r ruleFile) was() []*monitors.Alert {
	if r.base == nil {
		return nil
	}
	return r.base.Alerts
}

func (r ruleFile) is() []*monitors.Alert {
	if r.head == nil {
		return nil
	}
	return r.head.Alerts
}

// ruleFiles reads the changed documents that hold alert rules on one side.
func (l *lookup) ruleFiles() []ruleFile {
	var list []ruleFile
	for _, f := range l.pass.Branch.Files {
		if l.pass.Context.Err() != nil {
			return nil
		}
		if f.Binary || f.Generated || f.Vendored || f.TooLarge || !monitors.Candidate(f.Path) {
			continue
		}
		r := ruleFile{change: f}
		if f.Status != branch.Deleted {
			r.head = l.monitor(f.Path, false)
		}
		if f.Status != branch.Added {
			r.base = l.monitor(cmp.Or(f.OldPath, f.Path), true)
		}
		if len(r.was())+len(r.is()) > 0 {
			list = append(list, r)
		}
	}
	return list
}

// alertsBeside are the alerts that stood beside a new one before the branch: in its file, else in its folder, else in the
// folders next to it; with the path of each.
func (l *lookup) alertsBeside(r ruleFile, fresh map[string]bool) []placedAlert {
	var list []placedAlert
	add := func(p string, alerts []*monitors.Alert) {
		for _, a := range alerts {
			if !fresh[a.Name] {
				list = append(list, placedAlert{p, a})
			}
		}
	}
	add(r.change.Path, r.is())
	if len(list) >= 2 {
		return list
	}
	paths, err := l.pass.Branch.HeadPaths()
	if err != nil {
		return list
	}
	dir := path.Dir(r.change.Path)
	for _, near := range []func(string) bool{
		func(p string) bool { return path.Dir(p) == dir },
		func(p string) bool { return path.Dir(p) != dir && path.Dir(path.Dir(p)) == path.Dir(dir) && dir != "." },
	} {
		read := 0
		for _, p := range paths {
			if read >= 40 || p == r.change.Path || !near(p) || !monitors.Candidate(p) {
				continue
			}
			read++
			if d := l.monitor(p, false); d != nil {
				add(p, d.Alerts)
			}
		}
		if len(list) >= 2 {
			break
		}
	}
	return list
}

// placedAlert is an alert in its file.
type placedAlert struct {
	path string
	*monitors.Alert
}

// freshAlerts are the names of the alerts that no changed document had before.
func freshAlerts(files []ruleFile) map[string]bool {
	fresh := map[string]bool{}
	for _, r := range files {
		for _, a := range r.is() {
			fresh[a.Name] = true
		}
	}
	for _, r := range files {
		for _, a := range r.was() {
			delete(fresh, a.Name)
		}
	}
	return fresh
}

// alertNamed finds an alert by its name.
func alertNamed(list []*monitors.Alert, name string) *monitors.Alert {
	if i := slices.IndexFunc(list, func(a *monitors.Alert) bool { return a.Name == name }); i >= 0 {
		return list[i]
	}
	return nil
}
