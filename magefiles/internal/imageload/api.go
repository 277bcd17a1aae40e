package imageload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// postArchive posts an archive (operation ImageLoad).
func (e *dockerEngine) postArchive(ctx context.Context, archive io.Reader) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.api+"/images/load?quiet=1", archive)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-tar")
	response, err := e.doRequest(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return readMessages(response.Body)
}

func (e *dockerEngine) getJSON(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.api+path, http.NoBody)
	if err != nil {
		return err
	}
	response, err := e.doRequest(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}

// doRequest returns only answers of success.
func (e *dockerEngine) doRequest(request *http.Request) (*http.Response, error) {
	response, err := e.http.Do(request)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return nil, wrapped.Err // the URL is one that no user knows
	}
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	defer response.Body.Close()
	return nil, readStatus(response)
}

// countingWriter counts what is written.
type countingWriter struct {
	io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// statusError is an answer of the Engine that says no.
type statusError struct {
	code    int
	message string
}

func (e statusError) Error() string { return fmt.Sprintf("it answers %d: %s", e.code, e.message) }

// messageLimit is the maximum number of bytes read of an error response.
const messageLimit = 4096

func readStatus(response *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, messageLimit))
	var answer struct{ Message string }
	if json.Unmarshal(body, &answer) != nil || answer.Message == "" {
		answer.Message = strings.TrimSpace(string(body))
	}
	return statusError{code: response.StatusCode, message: answer.Message}
}

// readMessages reads the stream of a load to its end. Failures are in it, behind a status of success.
func readMessages(body io.Reader) error {
	decoder := json.NewDecoder(body)
	for {
		var message struct {
			Error       string
			ErrorDetail struct{ Message string }
		}
		err := decoder.Decode(&message)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading its answer: %w", err)
		case message.ErrorDetail.Message != "":
			return errors.New(message.ErrorDetail.Message)
		case message.Error != "":
			return errors.New(message.Error)
		}
	}
}
