package gitops_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// An error of the document itself has no type; it is reported as it is.
func TestGraphQLErrorWithoutType(t *testing.T) {
	w := newWorld(t, nil)
	w.Intercept(github.On(readOperation, 1, github.Action{Reply: &github.Reply{
		Status: http.StatusOK,
		Body:   `{"errors":[{"path":["query"],"extensions":{"code":"undefinedField"},"message":"Field 'file' doesn't exist on type 'Commit'"}]}`,
	}}))
	_, err := w.client.Repo.Read(t.Context(), release(newSHA).Deployment)
	if err == nil || !strings.Contains(err.Error(), "Field 'file' doesn't exist") || !strings.Contains(err.Error(), repository) {
		t.Errorf("error is %v", err)
	}
}
