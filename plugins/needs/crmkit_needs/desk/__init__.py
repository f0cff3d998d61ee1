"""Where staff work with needs: the list, the page of a need, and what is shown of needs beside a customer."""
