package declared_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// repository is one of acme's with these files.
func repository(files map[string]string) declared.Repository {
	tree := fstest.MapFS{}
	for name, content := range files {
		tree[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return declared.Repository{Tree: tree, Files: slices.Sorted(maps.Keys(files)), Name: "Acme/Shop"}
}

// line is a build in short.
func line(b declared.Build) string {
	s := fmt.Sprintf("%s:%d %s %s in %s", b.File, b.Line, b.Kind, b.Dockerfile, b.Context)
	if b.Target != "" {
		s += " target " + b.Target
	}
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		s += " " + name + "=" + b.Args[name].Value
		if !b.Args[name].Known {
			s += "?"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Contexts)) {
		s += " " + name + "@" + b.Contexts[name]
	}
	if len(b.Images) > 0 {
		s += " as " + strings.Join(b.Images, ",")
	}
	if len(b.Unknown) > 0 {
		s += fmt.Sprintf(" and %d unknown", len(b.Unknown))
	}
	if b.Development {
		s += " for development"
	}
	return s
}

// step is a workflow with one step.
func step(text string) string {
	return "on: push\njobs:\n  build:\n    steps:\n    - " + strings.ReplaceAll(text, "\n", "\n      ") + "\n"
}

// TestBuilds holds what is read of files that build one image.
func TestBuilds(t *testing.T) {
	const workflow = ".github/workflows/w.yml"
	for _, test := range []struct{ file, content, want string }{
		{workflow, step("uses: docker/build-push-action@v6\nwith: {push: true}"), workflow + ":5 workflow Dockerfile in ."},
		{workflow, step("uses: docker/build-push-action@v6"), workflow + ":5 check Dockerfile in ."},
		{workflow, step("uses: docker/build-push-action@v6\nwith: {context: '${{ github.workspace }}/api', push: true, tags: 'ghcr.io/${{ github.repository }}:x,acme/${{ secrets.N }}'}"), workflow + ":5 workflow api/Dockerfile in api as ghcr.io/Acme/Shop and 1 unknown"},
		{workflow, step("uses: docker/build-push-action@v6\nwith: {context: '{{defaultContext}}:api', file: api/Dockerfile, build-contexts: 'lib=./lib', push: true}"), workflow + ":5 workflow api/Dockerfile in api lib@lib"},
		{workflow, step("uses: docker/build-push-action@v6\nwith: {context: '${{ inputs.where }}', push: true}"), ""},
		{workflow, step("uses: redhat-actions/buildah-build@v2\nwith: {context: api, containerfiles: ./api/Dockerfile, image: shop}"), workflow + ":5 workflow api/Dockerfile in api"},
		{workflow, step("uses: acme/deploy@v1\nwith: {context: api, image: ghcr.io/acme/x}"), ""},
		{workflow, step("run: docker build -t ghcr.io/acme/shop:$SHA -f api/Dockerfile --build-arg A=1 --build-arg B --target=run api"), workflow + ":5 check api/Dockerfile in api target run A=1 B=? as ghcr.io/acme/shop"},
		{workflow, step("run: |\n  cd api && sudo docker buildx build \\\n    --push --tag \"ghcr.io/acme/shop:$X\" .\n"), workflow + ":6 workflow api/Dockerfile in api as ghcr.io/acme/shop"},
		{workflow, step("env: {DIR: api}\nworking-directory: api\nrun: podman build -f Dockerfile ../$DIR # here"), workflow + ":7 check api/Dockerfile in api"},
		{workflow, step("run: /kaniko/executor --context=dir://api --dockerfile=api/Dockerfile --destination=ghcr.io/acme/shop:1"), workflow + ":5 check api/Dockerfile in api as ghcr.io/acme/shop"},
		{workflow, step("run: docker build - <Dockerfile"), ""},
		{workflow, step("run: docker build https://github.com/acme/other.git"), ""},
		{workflow, step("run: docker build ../elsewhere"), ""},
		{workflow, step("run: docker build $(pwd)/api"), ""},
		{"compose.yaml", "services: {api: {build: ./api}}", "compose.yaml:1 compose api/Dockerfile in api"},
		{"compose.yaml", "services:\n  api:\n    image: ghcr.io/acme/api:1\n    build: {context: api, dockerfile: Dockerfile, target: run, args: [A=1, B], additional_contexts: {lib: ./lib, base: 'docker-image://x'}}", "compose.yaml:2 compose api/Dockerfile in api target run A=1 B=? base@docker-image://x lib@lib as ghcr.io/acme/api"},
		{"deploy/docker-compose.test.yml", "services: {api: {build: ../api}}", "deploy/docker-compose.test.yml:1 compose api/Dockerfile in api for development"},
		{"compose.yaml", "services: {api: {build: '${DIR:-api}'}}", "compose.yaml:1 compose api/Dockerfile in api"},
		{"compose.yaml", "services: {api: {build: ../../etc}}", ""},
		{"compose.yaml", "services: {api: {build: {dockerfile_inline: FROM x}}}", ""},
		{"skaffold.yaml", "build: {artifacts: [{image: api, context: api, kaniko: {dockerfile: Dockerfile, target: run}}]}", "skaffold.yaml:1 skaffold api/Dockerfile in api target run"},
		{"docker-bake.json", `{"target": {"api": {"context": "api", "tags": ["acme/api:1"], "args": {"A": "${A}"}}, "lint": {"output": ["type=cacheonly"]}}}`, "docker-bake.json:1 bake api/Dockerfile in api A=? as acme/api"},
		{"scripts/build.sh", "#!/bin/sh\nNAME=ghcr.io/acme/api\ndocker build -t \"$NAME:1\" api\n", "scripts/build.sh:3 script api/Dockerfile in api as ghcr.io/acme/api"},
		{"Makefile", "DIR := api\nimage:\n\t@docker build -t acme/$(DIR):1 $(DIR)\n", "Makefile:3 script api/Dockerfile in api as acme/api"},
	} {
		files := map[string]string{"Dockerfile": "FROM x\n", "api/Dockerfile": "FROM x\n", test.file: test.content}
		var got []string
		for _, b := range repository(files).Builds() {
			got = append(got, line(b))
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s\n%s\ngot  %q\nwant %q", test.file, test.content, got, test.want)
		}
	}
}

// TestMatrix has each of the jobs that GitHub makes.
func TestMatrix(t *testing.T) {
	for matrix, want := range map[string]string{
		"{dir: [api, web]}":                         "api web",
		"{include: [{dir: api}, {dir: web}]}":       "api web",
		"{dir: [api], include: [{dir: api, x: 1}]}": "api",
		"{dir: [api], include: [{dir: web}]}":       "api web",
		"{dir: '${{ fromJson(inputs.x) }}'}":        "",
		"{os: [a, b], dir: [api, web]}":             "api web",
		"{d: [{dir: api}], include: [{x: 1}]}":      "",
	} {
		files := map[string]string{"api/Dockerfile": "FROM x\n", "web/Dockerfile": "FROM x\n", ".github/workflows/w.yml": "jobs:\n  b:\n    strategy: {matrix: " + matrix +
			"}\n    steps:\n    - {uses: docker/build-push-action@v6, with: {context: '${{ matrix.dir }}', push: true}}\n"}
		var got []string
		for _, b := range repository(files).Builds() {
			got = append(got, b.Context)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", matrix, got)
		}
	}
}

// TestDeliveries wants two witnesses: another repository that is checked out, and a tag that is set in its files.
func TestDeliveries(t *testing.T) {
	checkout := "- uses: actions/checkout@v4\n  with: {repository: '${{ env.WHERE }}', ref: live, path: deploy}"
	set := "- run: yq -i '.shop.api.image.tag = strenv(TAG)' deploy/values.yaml"
	for steps, want := range map[string]string{
		checkout + "\n" + set: "acme/deployment@live w.yml:7 values.yaml .shop|api|.image.tag on [main]",
		checkout:              "",
		set:                   "",
		"- run: |\n    git clone --depth 1 \"https://x:${T}@github.com/acme/gitops.git\"\n    cd gitops && yq -i '.api.tag = \"x\"' prod/values.yaml": "acme/gitops@ w.yml:6 prod/values.yaml |api|.tag on [main]",
	} {
		workflow := "on: {push: {branches: [main]}}\nenv: {WHERE: acme/deployment}\njobs:\n  b:\n    steps:\n    " + strings.ReplaceAll(steps, "\n", "\n    ") + "\n"
		var got []string
		for _, d := range repository(map[string]string{".github/workflows/w.yml": workflow}).Deliveries() {
			for _, e := range d.Edits {
				got = append(got, fmt.Sprintf("%s@%s w.yml:%d %s %s|%s|%s on %v", d.Repository, d.Branch, d.Line, e.File, e.Before, e.Component, e.Key, d.Triggers.Branches))
			}
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s\ngot %q\nwant %q", steps, got, want)
		}
	}
}
