import http from 'node:http';

/**
 * A customer's site on an origin of its own, that embeds the widget by one tag. `script`: where the
 * widget is; `data`: its data- attributes. Gives the page's address and close().
 */
export async function customerSite(script, data) {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${value}"`);
  const page = `<!doctype html><html lang="en"><title>A customer</title>
    <h1>A customer's site</h1><script src="${script}"${attributes.join('')} async></script></html>`;
  const server = http.createServer((request, response) => {
    const isPage = request.url === '/';
    response.writeHead(isPage ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(isPage ? page : '');
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
