package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// shape is the layout of an application.
type shape struct {
	components int
	files      int  // in each context
	shared     bool // one context for all components, each of which has one file of its own in it
	small      bool // no RUN step and no base image
	packages   int  // bytes of dependencies that each component copies before its sources; git ignores them, as it does those of npm
	output     string
}

// application is a repository with images of its own, and a deployment repository for them.
type application struct {
	shape
	name  string
	dir   string
	image string // repository of all its images
	base  string
}

// newApplication writes a new one, whose content no other has, and commits it.
func newApplication(ctx context.Context, w *workload, s shape) (*application, error) {
	w.counter++
	name := fmt.Sprintf("bench%d", w.counter)
	a := &application{shape: s, name: name, dir: filepath.Join(w.options.Dir, name), image: w.stack.Registry.Addr() + "/" + example.Owner +
		"/" + name, base: w.stack.Base()}
	if err := errors.Join(a.writeFiles(), a.writeConfig()); err != nil {
		return nil, err
	}
	var values strings.Builder
	for _, component := range a.names() {
		fmt.Fprintf(&values, "%s:\n  tag: \"none\"   # set by releases\n", component)
	}
	if err := w.stack.Deployment(ctx, a.deployment(), map[string][]byte{"values.yaml": []byte(values.String())}); err != nil {
		return nil, err
	}
	// As every clone it has an origin, which is its name in the bumps.
	origin := "https://github.com/" + example.Owner + "/" + name + ".git"
	return a, errors.Join(example.Git(ctx, a.dir, "init", "-q", "-b", example.Branch),
		example.Git(ctx, a.dir, "remote", "add", "origin", origin),
		example.Commit(ctx, a.dir, "an application"))
}

func (a *application) deployment() string { return example.Owner + "/" + a.name + "-deployment" }

func (a *application) names() []string {
	names := make([]string, a.components)
	for i := range names {
		names[i] = fmt.Sprintf("c%03d", i+1)
	}
	return names
}

// context is the directory that a component is built from.
func (a *application) context(component string) string {
	if a.shared {
		return "."
	}
	return component
}

func (a *application) dockerfile(component string) string { return component + "/Dockerfile" }

func (a *application) writeFiles() error {
	if a.shared {
		if err := a.writeSources("src"); err != nil {
			return err
		}
	}
	for _, component := range a.names() {
		if !a.shared {
			if err := a.writeSources(component + "/src"); err != nil {
				return err
			}
		}
		if err := a.writePackages(component); err != nil {
			return err
		}
		own := "own"
		if a.shared {
			own = component + "/own"
		}
		text := "ARG BASE\nFROM ${BASE}\nRUN mkdir /app\nCOPY src/ /app/src/\nRUN write /app/name " + component + "\nCOPY " + own +
			" /app/own\n"
		if a.packages > 0 {
			text = "ARG BASE\nFROM ${BASE}\nRUN mkdir /app\nCOPY packages/ /app/packages/\nCOPY src/ /app/src/\nCOPY " + own + " /app/own\n"
		}
		if a.small {
			text = "FROM scratch\nCOPY " + own + " /own\n"
		}
		if err := errors.Join(write(filepath.Join(a.dir, a.dockerfile(component)), text), a.touch(component)); err != nil {
			return err
		}
	}
	return nil
}

// writeSources writes files of some hundred bytes.
func (a *application) writeSources(dir string) error {
	for i := range a.files {
		content := strings.Repeat(fmt.Sprintf("line of file %d of %s\n", i, a.name), 20)
		if err := write(filepath.Join(a.dir, dir, fmt.Sprintf("%02d", i%40), fmt.Sprintf("f%04d.txt", i)), content); err != nil {
			return err
		}
	}
	return nil
}

// packageFiles is the number of files that hold a component's dependencies.
const packageFiles = 20

// writePackages writes dependencies that do not compress, as those that are archives already.
func (a *application) writePackages(component string) error {
	if a.packages == 0 {
		return nil
	}
	data := make([]byte, a.packages/packageFiles)
	for i := range packageFiles {
		_, _ = rand.Read(data) // it never fails
		if err := write(filepath.Join(a.dir, component, "packages", fmt.Sprintf("p%02d.jar", i)), string(data)); err != nil {
			return err
		}
	}
	return write(filepath.Join(a.dir, component, ".gitignore"), "/packages/\n")
}

// touch changes a component's own file.
func (a *application) touch(component string) error {
	path := filepath.Join(a.dir, component, "own")
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("changing the workload: %w", err)
	}
	return write(path, string(before)+a.name+" "+component+"\n")
}

// change is a commit that changes one component.
func (a *application) change(ctx context.Context) error {
	if err := a.touch(a.names()[2]); err != nil {
		return err
	}
	return a.commit(ctx)
}

func (a *application) commit(ctx context.Context) error {
	return example.Commit(ctx, a.dir, "a change")
}

func (a *application) writeConfig() error {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nservice: %s\nimage: %s\nload: none\noutput: %s\ncomponents:\n", a.name, a.image, cmp.Or(a.output, "auto"))
	for _, component := range a.names() {
		fmt.Fprintf(&b, "  %s: { context: %s, dockerfile: %s", component, a.context(component), a.dockerfile(component))
		if !a.small {
			fmt.Fprintf(&b, ", args: { BASE: %q }", a.base)
		}
		b.WriteString(" }\n")
	}
	fmt.Fprintf(&b, "environments:\n  stage:\n    branches: [%s]\n    deploy: { repository: %s, branch: %s, file: values.yaml, set: "+
		"'.{{ .Component }}.tag = \"{{ .Tag }}\"' }\n",
		example.Branch, a.deployment(), example.Branch)
	return write(filepath.Join(a.dir, "astrago.yaml"), b.String())
}
