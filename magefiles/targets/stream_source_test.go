package targets_test

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// source is an application repository with everything that was ever committed to it.
type source struct {
	*application

	service  string
	shas     []string            // by revision; the one before the first is none
	programs []map[string]string // by revision: what the image of each component holds
}

// files are what makes a component's image: the file of the source, and its name in the image.
var files = map[string][2]string{
	"core": {"src/core.txt", "core.jar"}, "batch": {"src/batch.txt", "batch.jar"}, "monitor": {"src/monitor.txt", "monitor.jar"},
	"frontend": {"src/style.css", "style.css"},
}

// newSource makes the repository: the example's, with all environments and images that nothing runs in.
func (s *stream) newSource(service string) *source {
	a := &source{application: s.application(service), service: service, shas: []string{strings.Repeat("0", 40)}, programs: []map[string]string{{}}}
	data := readFile(s.t, path.Join(a.dir, "astrago.yaml"))
	_, stage, _ := strings.Cut(data, "    deploy:")
	for _, e := range []struct{ name, settings string }{{"dev", ""}, {"prod", "    from: stage\n"}} {
		if untilLift(unit{service, e.name}) {
			e.settings += "    hold: { until: lift }\n"
		}
		data += "\n  " + e.name + ":\n" + e.settings + strings.ReplaceAll("    deploy:"+stage, "environments/stage/", "environments/"+e.name+"/")
	}
	if byREST(service) {
		data = strings.ReplaceAll(data, "    deploy:\n", "    deploy:\n      api: rest\n")
	}
	a.write("astrago.yaml", data)
	a.write(".dockerignore", "*.md\n")
	dockerfiles := map[string]string{"Dockerfile": "FROM scratch\nCOPY src/ /\n"}
	if service == "backend" {
		dockerfiles = map[string]string{}
		for _, c := range components[service] {
			dockerfiles["docker/"+c+"/Dockerfile"] = "FROM scratch\nCOPY build/libs/" + c + ".jar /\n"
		}
	}
	for name, content := range dockerfiles {
		a.write(name, content)
	}
	for _, c := range components[service] {
		a.write(files[c][0], c+" of commit 1")
	}
	a.record("words")
	return a
}

// commit changes a component, or words that are in no image.
func (a *source) commit(changed string) {
	if file, ok := files[changed]; ok {
		a.write(file[0], fmt.Sprintf("%s of commit %d", changed, len(a.shas)))
	}
	a.write("README.md", fmt.Sprintf("commit %d", len(a.shas)))
	a.record(changed)
}

func (a *source) record(changed string) {
	a.application.commit(fmt.Sprintf("commit %d: %s", len(a.shas), changed))
	out, err := exec.CommandContext(a.t.Context(), "git", "-C", a.dir, "rev-parse", "HEAD").Output() //nolint:gosec // of this test
	a.must(err)
	programs := map[string]string{}
	for _, c := range components[a.service] {
		programs[c] = readFile(a.t, path.Join(a.dir, files[c][0]))
	}
	a.shas, a.programs = append(a.shas, strings.TrimSpace(string(out))), append(a.programs, programs)
}

// clone makes a checkout that shares the objects, as a machine that has fetched everything.
func (a *source) clone(dir string) string {
	git(a.t, a.dir, "clone", "-q", "--shared", a.dir, dir)
	git(a.t, dir, "remote", "set-url", "origin", "https://github.com/"+example.Owner+"/"+a.service+".git")
	return dir
}

// checkOut is for releases; other commands do not care.
func (a *source) checkOut(ctx context.Context, dir string, r revision) error {
	if r == 0 {
		return nil
	}
	return example.Git(ctx, dir, "checkout", "-q", "--detach", a.shas[r])
}

// tag names a build's image.
func (s *stream) tag(component, environment string, r revision) string {
	for service, names := range components {
		if slices.Contains(names, component) {
			return fmt.Sprintf("%s-%s-%.8s", component, environment, s.sources[service].shas[r])
		}
	}
	return ""
}

// firstWith is the revision that first had what a component's image of a revision holds. Words are in no image.
func (s *stream) firstWith(component string, r revision) revision {
	for service, names := range components {
		if !slices.Contains(names, component) {
			continue
		}
		programs := s.sources[service].programs
		return revision(slices.IndexFunc(programs, func(p map[string]string) bool { return p[component] == programs[r][component] }))
	}
	return 0
}
