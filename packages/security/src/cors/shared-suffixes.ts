/**
 * Domains below which anybody can have a name: what registries sell below, and where services put the sites of their customers. Not
 * all there are; those that a policy is most likely to be written for.
 *
 * @see https://publicsuffix.org
 */
export const sharedSuffixes: ReadonlySet<string> = new Set(
  (
    'co.uk org.uk me.uk ltd.uk plc.uk ac.uk gov.uk com.au net.au org.au co.nz org.nz co.za co.in net.in org.in co.jp ne.jp or.jp ' +
    'co.kr or.kr com.br net.br org.br com.cn net.cn org.cn com.hk com.sg com.tw com.tr com.mx com.ar com.co com.pe com.ua com.pl ' +
    'com.my com.ph com.vn co.id co.th co.il co.ke com.ng com.eg com.sa com.pk com.es com.pt com.gr com.cy uk.com us.com eu.com de.com ' +
    'github.io gitlab.io pages.dev workers.dev vercel.app now.sh netlify.app herokuapp.com web.app firebaseapp.com appspot.com run.app ' +
    'cloudfunctions.net azurewebsites.net azurestaticapps.net azureedge.net cloudapp.net blob.core.windows.net web.core.windows.net ' +
    'amazonaws.com s3.amazonaws.com cloudfront.net elasticbeanstalk.com amplifyapp.com awsapprunner.com lambda-url.us-east-1.on.aws ' +
    'on.aws fly.dev onrender.com render.com railway.app up.railway.app deno.dev deno.net surge.sh glitch.me replit.app replit.dev ' +
    'repl.co codesandbox.io csb.app stackblitz.io webcontainer.io gitpod.io app.github.dev githubpreview.dev ngrok.io ngrok.app ' +
    'ngrok-free.app ngrok.dev trycloudflare.com loca.lt tunnelmole.net lhr.life serveo.net myshopify.com wixsite.com webflow.io ' +
    'framer.app blogspot.com wordpress.com weebly.com squarespace.com bubbleapps.io lovable.app bolt.host streamlit.app hf.space ' +
    'ondigitalocean.app digitaloceanspaces.com linodeobjects.com r2.dev supabase.co nip.io sslip.io xip.io duckdns.org no-ip.org ' +
    'dyndns.org ddns.net'
  ).split(' '),
)
