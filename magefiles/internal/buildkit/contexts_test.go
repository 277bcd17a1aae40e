package buildkit_test

import (
	"strings"
	"testing"
)

func TestNamedContexts(t *testing.T) {
	r := newRepository(t)
	host := bearerRegistry(t)
	pushBase(t, host+"/acme/base:1")
	r.opts.Credentials = pulls
	r.write("assets/logo.txt", "the logo\n")
	r.write("assets/draft.txt", "a draft\n")
	r.write("assets/.dockerignore", "draft.txt\n")
	r.write("app/main.txt", "the app\n")
	r.write("app/toolbox", read(t, r.root+"/toolbox"))
	core := r.component("core", "FROM ours\nCOPY main.txt /main\nCOPY --from=assets . /assets/\nRUN cat /main /assets/logo.txt\n")
	core.Context, core.Contexts = "app", map[string]string{"assets": "assets", "ours": "docker-image://" + host + "/acme/base:1"}
	batch := r.component("batch", "FROM ours\nCOPY --from=assets draft.txt /\n")
	batch.Contexts = core.Contexts
	r.plan.Images = r.plan.Images[:1]
	r.must()
	for _, text := range []string{" the logo\n", " the app\n"} {
		if !strings.Contains(r.output.String(), text) {
			t.Errorf("%q is missing:\n%s", text, r.output.String())
		}
	}
	r.plan.Images = r.plan.Images[:2][1:]
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), `"/draft.txt": not found`) {
		t.Errorf("a file that the context's own .dockerignore names is built: %v", err)
	}
}
