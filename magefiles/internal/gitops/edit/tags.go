package edit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Tags reads the tag that each component has at a snapshot. probe holds the expressions that would set a tag which no image has
// (plan.Probe): the values that they would replace are the tags, so that nothing is guessed from a path or a history. A component without a
// tag, and one with several, are refused (problem.Refused).
func Tags(s *repo.Snapshot, probe plan.Deployment) (map[component.Name]string, error) {
	named, err := Named(s, probe)
	if err != nil {
		return nil, err
	}
	return TagsOf(named), nil
}

// TagsOf returns the tags alone.
func TagsOf(named map[component.Name]plan.Named) map[component.Name]string {
	tags := make(map[component.Name]string, len(named))
	for name, n := range named {
		tags[name] = n.Tag
	}
	return tags
}

// Named is Tags with the digests that the values have beside or behind the tags; a component without one has "".
func Named(s *repo.Snapshot, probe plan.Deployment) (map[component.Name]plan.Named, error) {
	named := map[component.Name]plan.Named{}
	for _, f := range probe.Files {
		e := fileEdit{snapshot: s, file: f, original: s.Files[f.Path]}
		if err := e.applyEach(); err != nil {
			return nil, err
		}
		for _, a := range e.assigned {
			if err := a.readInto(s, named); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range componentsOf(probe) {
		if named[name].Tag == "" {
			return nil, problem.New(problem.Usage, "write {{ .Tag }} into `set` in astrago.yaml\n"+
				"where all that is read is the digest, set a value beside it: .image.tag = \"{{ .Tag }}\"",
				"reading the tag of %q: nothing in %s tells it", name, listFiles(s, probe))
		}
	}
	return named, nil
}

// readInto adds what a probe's assignment finds of its component.
func (a Assignment) readInto(s *repo.Snapshot, all map[component.Name]plan.Named) error {
	name := a.Edit.Component
	found, set := plan.Probed(name, a.Before, a.own)
	if !set {
		return nil
	}
	known := all[name]
	switch {
	case found.Tag == "" && plan.ProbesTag(name, a.own):
		return problem.New(problem.Refused, "deploy the component once: mage bump; or correct `set` in astrago.yaml",
			"reading the tag of %q: the value of %s is not what `set` makes of a tag", name, a.Path).At(a.place(s))
	case known.Tag != "" && found.Tag != "" && known.Tag != found.Tag:
		return problem.New(problem.Refused, "deploy the component once more, which sets all of its values: mage bump",
			"reading the tag of %q: its values name the tags %s and %s", name, known.Tag, found.Tag).At(a.place(s))
	case known.Digest != "" && found.Digest != "" && known.Digest != found.Digest:
		return problem.New(problem.Refused, "deploy the component once more, which sets all of its values: mage bump",
			"reading the digest of %q: its values name %s and %s", name, known.Digest, found.Digest).At(a.place(s))
	}
	all[name] = plan.Named{Tag: cmp.Or(known.Tag, found.Tag), Digest: cmp.Or(known.Digest, found.Digest)}
	return nil
}

// listFiles lists the files of a deployment for messages.
func listFiles(s *repo.Snapshot, d plan.Deployment) string {
	places := make([]string, len(d.Files))
	for i, f := range d.Files {
		places[i] = f.Path
	}
	return fmt.Sprintf("%s@%s (%s)", s.Repository, s.Branch, strings.Join(places, ", "))
}

// componentsOf are those that a deployment has edits of, in its order.
func componentsOf(d plan.Deployment) []component.Name {
	var all []component.Name
	for _, f := range d.Files {
		for _, e := range f.Edits {
			all = component.Add(all, e.Component)
		}
	}
	return all
}

// Only is a probe of one component.
func Only(probe plan.Deployment, name component.Name) plan.Deployment {
	probe.Files = slices.Clone(probe.Files)
	for i := range probe.Files {
		probe.Files[i].Edits = slices.DeleteFunc(slices.Clone(probe.Files[i].Edits),
			func(e plan.Edit) bool { return e.Component != name })
	}
	return probe
}

// TagOf reads the tag of one component at a snapshot, as Tags does: what is wrong with others does not matter.
func TagOf(s *repo.Snapshot, probe plan.Deployment, name component.Name) (string, error) {
	tags, err := Tags(s, Only(probe, name))
	return tags[name], err
}

// idAtEnd finds what tags end in: a commit's id, abbreviated to 8 digits or more. commitid.Parse takes no tag, which has more than the id,
// and `tag` writes no fewer digits.
var idAtEnd = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([0-9a-f]{8,40})$`)

// CommitInTag returns the digits of a commit that a tag ends in, "" where it does not.
func CommitInTag(tag string) commitid.ID {
	end := idAtEnd.FindStringSubmatch(tag)
	if end == nil {
		return ""
	}
	return commitid.ID(end[1])
}
