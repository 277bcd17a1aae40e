package plan

import (
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// addOthers gives each file the edits of the components that a plan leaves out. One whose templates ask for what is not known
// of it has none: its images are no part of this plan.
func addOthers(all []Deployment, cfg *config.Config, environment *config.Environment, images []Image) {
	n := probeNamer(cfg, environment)
	for _, component := range cfg.Components {
		if slices.ContainsFunc(images, func(i Image) bool { return i.Component == component.Name }) {
			continue
		}
		image := probeImage(cfg, environment, component)
		for _, target := range environment.Deploy {
			if !target.Sets(component.Name) {
				continue
			}
			expressions, err := n.setExpressions(target, image)
			if err != nil {
				continue
			}
			if f := fileOf(all, target); f != nil {
				f.Others = append(f.Others, Edit{Component: component.Name, Image: image.Ref(), Expressions: expressions})
			}
		}
	}
}

// fileOf is the file of an entry of the configuration, nil where the plan has none.
func fileOf(all []Deployment, target config.Deploy) *File {
	for i := range all {
		if !all[i].takes(target) {
			continue
		}
		for j := range all[i].Files {
			if all[i].Files[j].Path == target.File {
				return &all[i].Files[j]
			}
		}
	}
	return nil
}

// Narrow leaves only the named components in the plan of a configuration, and those that share a value with any of them: one value
// cannot name the new image of one component and the old one of another.
func (p *Plan) Narrow(cfg *config.Config, components []component.Name) {
	components = p.withSharedComponents(components)
	p.Images = slices.DeleteFunc(slices.Clone(p.Images), func(i Image) bool { return !slices.Contains(components, i.Component) })
	p.Deployments = slices.Clone(p.Deployments)
	for i := range p.Deployments {
		files := slices.Clone(p.Deployments[i].Files)
		for j := range files {
			out := func(e Edit) bool { return !slices.Contains(components, e.Component) }
			files[j].Edits, files[j].Others = slices.DeleteFunc(slices.Clone(files[j].Edits), out), nil
		}
		p.Deployments[i].Files = files
	}
	if environment, err := cfg.Environment(p.Environment, ""); err == nil { // the plan is of one that exists
		addOthers(p.Deployments, cfg, environment, p.Images)
	}
}

// withSharedComponents adds to components those that set a value which one of them sets.
func (p *Plan) withSharedComponents(components []component.Name) []component.Name {
	wide := slices.Clone(components)
	for {
		before := len(wide)
		for _, d := range p.Deployments {
			for _, f := range d.Files {
				wide = addSharing(wide, f.Edits)
			}
		}
		if len(wide) == before {
			return wide
		}
	}
}

func addSharing(components []component.Name, edits []Edit) []component.Name {
	touched := map[string]bool{}
	for _, e := range edits {
		if slices.Contains(components, e.Component) {
			for _, x := range e.Expressions {
				touched[e.leftSide(x)] = true
			}
		}
	}
	for _, e := range edits {
		if slices.ContainsFunc(e.Expressions, func(x string) bool { return touched[e.leftSide(x)] }) {
			components = component.Add(components, e.Component)
		}
	}
	return components
}

// assignedPath is the left side of an expression that sets one path.
var assignedPath = regexp.MustCompile(`^\s*(\.[^="|]+?)\s*=\s*"`)

// leftSide returns the path that an expression sets, as far as its text shows: its left side, or all of it without the image's names.
func (e Edit) leftSide(expression string) string {
	if m := assignedPath.FindStringSubmatch(expression); m != nil {
		return m[1]
	}
	var words []string
	for _, name := range e.Names() {
		words = append(words, name, "\x00")
	}
	return strings.NewReplacer(words...).Replace(expression)
}
