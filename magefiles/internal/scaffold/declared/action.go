package declared

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// inputNames are the names of inputs in actions and reusable workflows that build images, beginning with docker/build-push-action's.
var inputNames = struct{ file, context, image []string }{
	file: []string{
		"file", "dockerfile", "dockerfile-path", "dockerfile_path", "dockerFile", "containerfile", "containerfiles", "build_file",
	},
	context: []string{"context", "build-context", "build_context", "docker-context"},
	image:   []string{"tags", "image-names", "image", "images", "image-name", "image_name", "docker-image-name"},
}

var buildsImages = regexp.MustCompile(`(?i)(?:build-push-action|docker-build|build-and-push|build-push|buildah-build|` +
	`action-kaniko|kaniko-action)[^/@]*(?:@|$)`)

// actionBuild reads a step with `uses:`, or a job that calls a workflow. The defaults of docker/build-push-action and its relatives are
// known; another action builds an image where its inputs name a Dockerfile of the repository.
func (r Repository) actionBuild(step *yaml.Node, s scope) (Build, bool) {
	uses, given := get(step, "uses"), get(step, "with")
	if uses == nil {
		return Build{}, false
	}
	b := Build{Place: Place{Line: uses.Line}, Kind: Workflow, Pushes: true}
	builder := strings.Contains(uses.Value, "build-push-action")
	file := input(given, s, inputNames.file)
	told := builder || file != "" || buildsImages.MatchString(uses.Value)
	if !told || !b.locateAction(builder, input(given, s, inputNames.context), file) {
		return b, false
	}
	if b.Target = s.evaluate(text(get(given, "target"))); strings.Contains(b.Target, unresolved) || r.read(b.Dockerfile) == "" {
		return b, false
	}
	if builder && !pushes(given, s) {
		b.Kind, b.Pushes = Check, false
	}
	b.setInputs(given, s)
	return b, true
}

// locateAction sets context and Dockerfile of an action, both relative to the root.
func (b *Build) locateAction(builder bool, context, file string) (ok bool) {
	context = strings.TrimPrefix(strings.TrimPrefix(context, "{{defaultContext}}"), ":")
	if context == "" && (builder || file != "") {
		context = "."
	}
	if b.Context, ok = within(context); !ok || context == "" {
		return false
	}
	if file == "" {
		file = b.Context + "/Dockerfile"
	}
	b.Dockerfile, ok = within(file)
	return ok
}

// pushes reports whether docker/build-push-action may push: what a run decides counts.
func pushes(given *yaml.Node, s scope) bool {
	push := s.evaluate(text(get(given, "push")))
	outputs := s.evaluate(text(get(given, "outputs")))
	return push != "" && push != "false" || strings.Contains(outputs, "push=") || strings.Contains(outputs, "type=registry")
}

func input(given *yaml.Node, s scope, names []string) string {
	for _, name := range names {
		if value := s.evaluate(text(get(given, name))); value != "" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// metadataTags is the output of docker/metadata-action.
var metadataTags = regexp.MustCompile(`\$\{\{\s*steps\.([A-Za-z0-9_-]+)\.outputs\.(?:tags|json)`)

// setInputs reads arguments, contexts and images.
func (b *Build) setInputs(given *yaml.Node, s scope) {
	b.setArguments(lineSettings(s.evaluate(text(get(given, "build-args")))), s.env)
	b.setContexts(".", lineSettings(s.evaluate(text(get(given, "build-contexts")))), s.env)
	var raw strings.Builder
	for _, name := range inputNames.image {
		raw.WriteString(text(get(given, name)) + "\n")
	}
	for line := range strings.Lines(raw.String()) {
		if match := metadataTags.FindStringSubmatch(line); match != nil {
			for _, image := range s.images[match[1]] {
				b.addImage(image)
			}
			continue
		}
		for image := range strings.SplitSeq(s.evaluate(line), ",") {
			b.addImage(image)
		}
	}
	for output := range strings.SplitSeq(text(get(given, "outputs")), ",") {
		if name, ok := strings.CutPrefix(strings.TrimSpace(output), "name="); ok {
			b.addImage(s.evaluate(name))
		}
	}
}

// lineSettings reads NAME=value, one a line.
func lineSettings(lines string) map[string]*string {
	all := map[string]*string{}
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if name, value, found := strings.Cut(line, "="); found && !strings.ContainsAny(name, " #"+unresolved) {
			value = unquote(value)
			all[name] = &value
		}
	}
	return all
}
